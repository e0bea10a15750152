/*
 * What little of an XML document is wanted of labels whose other parts may be damaged, in time in proportion to
 * the text whatever stands in it: labels come from servers and folders.
 */

export function withoutXmlComments(xml: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const from = xml.indexOf('<!--', at);
    const to = from < 0 ? -1 : xml.indexOf('-->', from + 4);
    if (to < 0) return parts.join('') + xml.slice(at);
    parts.push(xml.slice(at, from));
    at = to + 3;
  }
}

/** Contents of every element of this name, whatever its namespace prefix; one inside another of its name is not seen. */
export function contentsOf(xml: string, name: string): string[] {
  const open = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^<>]*)?>`, 'g');
  const close = new RegExp(`</(?:\\w+:)?${name}\\s*>`, 'g');
  const found: string[] = [];
  while (open.exec(xml) !== null) {
    close.lastIndex = open.lastIndex;
    const end = close.exec(xml);
    if (end === null) break;
    found.push(xml.slice(open.lastIndex, end.index));
    open.lastIndex = close.lastIndex;
  }
  return found;
}

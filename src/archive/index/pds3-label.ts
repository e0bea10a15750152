/** One OBJECT of a PDS3 label: its keywords with their values as text, and the objects inside it. */
export interface Pds3Object {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
  readonly objects: readonly Pds3Object[];
}

interface OpenObject {
  readonly name: string;
  readonly values: Map<string, string>;
  readonly objects: OpenObject[];
}

/**
 * Reads the ODL of a PDS3 label: `KEYWORD = value`, quoted text over several lines, comments, nested OBJECTs.
 * Quotes and units (`<m>`) are dropped, values stay text.
 * @throws SyntaxError when the text is no label
 */
export function parsePds3Label(text: string): Pds3Object {
  const root: OpenObject = { name: '', values: new Map(), objects: [] };
  const open: OpenObject[] = [root];
  for (const { key, value } of statements(text)) {
    const current = open[open.length - 1] ?? root;
    if (key === 'OBJECT' || key === 'GROUP') {
      const child: OpenObject = { name: value, values: new Map(), objects: [] };
      current.objects.push(child);
      open.push(child);
    } else if (key === 'END_OBJECT' || key === 'END_GROUP') {
      if (open.length === 1) throw new SyntaxError(`${key} without its beginning`);
      open.pop();
    } else {
      current.values.set(key, value);
    }
  }
  if (open.length !== 1) throw new SyntaxError(`OBJECT ${open[open.length - 1]?.name ?? ''} has no end`);
  if (root.values.size === 0) throw new SyntaxError('no keyword found');
  return root;
}

function* statements(text: string): Generator<{ key: string; value: string }> {
  const lines = text.replace(/\/\*[\s\S]*?\*\//g, '').split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const [, key, rest = ''] = /^\s*(\^?[A-Z][\w:]*)\s*(?:=\s*(.*))?$/.exec(line) ?? [];
    if (key === undefined) throw new SyntaxError(`"${line.trim().slice(0, 40)}" is no statement`);
    if (key === 'END') return;
    let value = rest.trim();
    while (unfinished(value) && at + 1 < lines.length) value += ` ${(lines[++at] ?? '').trim()}`;
    yield { key, value: plain(value) };
  }
}

/** Whether a quoted text or a set goes on in the next line. */
function unfinished(value: string): boolean {
  if (value.startsWith('"')) return value.indexOf('"', 1) < 0;
  if (value.startsWith('(')) return !value.includes(')');
  return value.startsWith('{') && !value.includes('}');
}

function plain(value: string): string {
  const quoted = /^"([^"]*)"/.exec(value)?.[1];
  return (quoted ?? value.replace(/\s*<[^>]*>\s*$/, '')).trim();
}

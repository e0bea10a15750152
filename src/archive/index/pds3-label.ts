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

/** Keywords that tell where values lie: of two that contradict each other neither can be believed. */
const PLACING: ReadonlySet<string> = new Set(['RECORD_BYTES', 'ROWS', 'NAME', 'START_BYTE', 'BYTES']);

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
      if (PLACING.has(key) && (current.values.get(key) ?? value) !== value)
        throw new SyntaxError(`${key} stands twice in one ${current.name || 'label'}`);
      current.values.set(key, value);
    }
  }
  if (open.length !== 1) throw new SyntaxError(`OBJECT ${open[open.length - 1]?.name ?? ''} has no end`);
  if (root.values.size === 0) throw new SyntaxError('no keyword found');
  return root;
}

function* statements(text: string): Generator<{ key: string; value: string }> {
  const lines = withoutComments(text).split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const [, key, rest = ''] = /^\s*(\^?[A-Z][\w:]*)\s*(?:=\s*(.*))?$/.exec(line) ?? [];
    if (key === undefined) throw new SyntaxError(`"${line.trim().slice(0, 40)}" is no statement`);
    if (key === 'END') return;
    const parts = [rest.trim()];
    const end = endOf(parts[0] ?? '');
    for (let open = end !== null; open && at + 1 < lines.length;) {
      const more = (lines[++at] ?? '').trim();
      parts.push(more);
      open = !more.includes(end ?? '');
    }
    yield { key, value: plain(parts.join(' ')) };
  }
}

/** In time in proportion to the text, however often a comment begins. */
function withoutComments(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const from = text.indexOf('/*', at);
    const to = from < 0 ? -1 : text.indexOf('*/', from + 2);
    if (to < 0) return parts.join('') + text.slice(at);
    parts.push(text.slice(at, from));
    at = to + 2;
  }
}

/** What ends a quoted text or a set that goes on in the next line; null where it does not. */
function endOf(value: string): string | null {
  if (value.startsWith('"')) return value.includes('"', 1) ? null : '"';
  if (value.startsWith('(')) return value.includes(')') ? null : ')';
  return value.startsWith('{') && !value.includes('}') ? '}' : null;
}

/** Without its quotes, or without its unit. */
function plain(value: string): string {
  const quoted = /^"([^"]*)"/.exec(value)?.[1];
  if (quoted !== undefined) return quoted.trim();
  const trimmed = value.trim();
  if (!trimmed.endsWith('>')) return trimmed;
  const unit = trimmed.indexOf('<', trimmed.lastIndexOf('>', trimmed.length - 2) + 1);
  return unit < 0 ? trimmed : trimmed.slice(0, unit).trim();
}

import { LineCounter, parseDocument } from 'yaml';

/**
 * What a YAML text means. The parser's own messages show the line of each error, which takes minutes where one long
 * line has thousands; here the first one alone says where it is.
 *
 * @throws SyntaxError such as `Unexpected flow sequence end at line 3, column 7`
 */
export function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const [error] = document.errors;
  if (error === undefined) return document.toJS() as unknown;
  const { line, col } = lines.linePos(error.pos[0]);
  throw new SyntaxError(`${error.message} at line ${line}, column ${col}`);
}

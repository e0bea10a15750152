/**
 * Whether a word of the archive or the database can be a name, or part of one, in a path: letters, digits, `_`, `-` and
 * dots between them, at most 100. So it can neither leave a folder nor hide, on any system.
 */
export function isFileNamePart(text: string): boolean {
  return /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(text) && text.length <= 100;
}

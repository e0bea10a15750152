import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Whether two paths name one file, be it by links, or one that is not there yet. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  if (resolve(one) === resolve(other)) return true;
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => null)));
  return a != null && b != null && a.isFile() && a.dev === b.dev && a.ino === b.ino;
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the real data lie; where they are absent the generated samples stand alone. */
const REAL_DATA = join(process.cwd(), '../shared/data');

/** The real files that are there. */
export function realFiles(...paths: string[]): Buffer[] {
  return paths
    .map((path) => join(REAL_DATA, path))
    .filter(existsSync)
    .map((path) => readFileSync(path));
}

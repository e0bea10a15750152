import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folder of the starter model that is shipped. */
export const STARTER = join(
  ROOT,
  'models',
  readdirSync(join(ROOT, 'models')).find((name) => name.startsWith('starter@'))!,
);

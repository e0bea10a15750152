import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.js';

/**
 * Makes the snapshot in data/ anew, from which embedded databases start: `npm run snapshot`. Needed when
 * PGlite or its PostGIS change their versions, which are in its name.
 */
const data = fileURLToPath(new URL('../data', import.meta.url));
ensureBuilt();
const { openEmbedded } = await import('../dist/store/embedded/open-embedded.js');
const folder = mkdtempSync(join(tmpdir(), 'selenoscan-snapshot-'));
try {
  const cacheFolder = join(folder, 'cache');
  const db = await openEmbedded({ dir: join(folder, 'database'), cacheFolder });
  await db.close();
  const [name] = readdirSync(cacheFolder).filter((entry) => entry.endsWith('.tar.gz'));
  if (name === undefined) throw new Error('No snapshot was made.');
  for (const old of readdirSync(data).filter((entry) => /^pglite-.*\.tar\.gz$/.test(entry)))
    rmSync(join(data, old));
  copyFileSync(join(cacheFolder, name), join(data, name));
  console.log(`data/${name}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

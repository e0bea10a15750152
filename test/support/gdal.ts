import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';
import { missing } from './needs.js';

const run = promisify(execFile);

/** `describe` for tests that need GDAL's programs; where they are absent they are left out with the reason. */
export function describeWithGdal(name: string, define: () => void): void {
  const reason = gdalMissing();
  if (reason === null) describe(name, define);
  else describe(name, () => it('needs GDAL', (context) => context.skip(reason)));
}

function gdalMissing(): string | null {
  const absent = missing('gdal');
  if (absent !== null) return absent;
  try {
    const formats = execFileSync('gdal_translate', ['--formats'], { encoding: 'utf8' });
    return /\bPDS4 -raster/.test(formats) ? null : 'GDAL is installed without its PDS and PDS4 drivers';
  } catch {
    return 'GDAL does not start';
  }
}

/** All stored samples of an image as GDAL reads them, in the machine's byte order. */
export async function samplesByGdal(path: string): Promise<Buffer> {
  const raw = `${path}.gdal`;
  await run('gdal_translate', ['-q', '-of', 'ENVI', path, raw]);
  return readFile(raw);
}

/** What `gdalinfo -json` says. */
export async function gdalInfo(path: string): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await run('gdalinfo', ['-json', path]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

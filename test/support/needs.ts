import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';
import { findPostgres } from '../../scripts/test/cluster.js';

/** What some tests need beside Node: programs that say where they are, and how to get them. */
const PROGRAMS = {
  gdal: { names: ['gdal_translate'], what: 'GDAL', packages: 'gdal-bin' },
  vips: { names: ['vips'], what: 'libvips', packages: 'libvips-tools' },
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    what: 'Chromium',
    packages: 'chromium',
  },
} as const;

export type Need = 'postgres' | keyof typeof PROGRAMS;

/**
 * Why what a test needs is not there, or null where it is. SELENOSCAN_TEST_WITHOUT, a list such as
 * `postgres,gdal`, hides what is there.
 */
export function missing(need: Need): string | null {
  if (need === 'postgres') {
    if (process.env['SELENOSCAN_TEST_DATABASE_URL'] !== undefined) return null;
    const found = findPostgres();
    return 'missing' in found ? found.missing : null;
  }
  const { what, packages } = PROGRAMS[need];
  return findProgram(need) === null ? `${what} is not installed: apt-get install ${packages}` : null;
}

/** Path of the program, or null. */
export function findProgram(need: keyof typeof PROGRAMS): string | null {
  if ((process.env['SELENOSCAN_TEST_WITHOUT'] ?? '').split(',').includes(need)) return null;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = PROGRAMS[need].names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** `describe` for tests with a need; where it is not met they are left out with the reason. */
export function describeWith(need: Need, name: string, define: () => void): void {
  const reason = missing(need);
  if (reason === null) describe(name, define);
  else describe(name, () => it(`needs ${need}`, (context) => context.skip(reason)));
}

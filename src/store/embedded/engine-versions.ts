import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Versions of the packages that make up the engine: data of one are not promised to suit another. */
export interface EngineVersions {
  readonly pglite: string;
  readonly postgis: string;
}

export function engineVersions(): EngineVersions {
  return {
    pglite: versionOf('@electric-sql/pglite'),
    postgis: versionOf('@electric-sql/pglite-postgis'),
  };
}

/** The packages do not export their package.json: it is looked for above their entry. */
function versionOf(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (;;) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (manifest.name === name && manifest.version !== undefined) return manifest.version;
    } catch {
      // Not in this folder.
    }
    if (folder === dirname(folder)) throw new Error(`The package ${name} names no version.`);
    folder = dirname(folder);
  }
}

import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { engineVersions } from './engine-versions.js';

/** Where the snapshot lies that this version ships (npm run snapshot). */
const SHIPPED = fileURLToPath(new URL('../../../data', import.meta.url));

/**
 * A database with its extensions and nothing else, packed: unpacking one takes a third of the time that
 * making one takes. One is shipped; where it lacks or is of other packages, one is made on first use and kept
 * where we may write, one for each pair of package versions. Any number of processes may make it at once; the
 * last one's stays.
 */
export interface SnapshotCache {
  /** The unpacked archive (tar), or null where there is none that is whole. */
  load(): Uint8Array<ArrayBuffer> | null;
  save(packed: Uint8Array): void;
  /** Forgets one that turned out to be useless. */
  discard(): void;
}

/** @param folder where alone to look and keep it; by default beside the dependencies, else in the user's cache. */
export function snapshotCache(folder?: string): SnapshotCache {
  const { pglite, postgis } = engineVersions();
  const name = `pglite-${pglite}-postgis-${postgis}.tar.gz`;
  const folders = folder === undefined ? defaultFolders() : [folder];
  const shipped = folder === undefined ? [SHIPPED] : [];
  const discard = (): void => {
    for (const place of folders) attempt(() => rmSync(join(place, name), { force: true }));
  };
  return {
    load() {
      for (const place of [...folders, ...shipped]) {
        const tar = attempt(() => {
          if (place !== SHIPPED && !isOurs(place)) return null;
          // Checks length and CRC: what was cut or changed does not unpack.
          return new Uint8Array(gunzipSync(readFileSync(join(place, name))));
        });
        if (tar) return tar;
      }
      return null;
    },
    save(packed) {
      for (const place of folders) {
        const saved = attempt(() => {
          mkdirSync(place, { recursive: true });
          if (!isOurs(place)) return false;
          const aside = join(place, `.${name}.${randomUUID()}`);
          try {
            writeFileSync(aside, packed);
            chmodSync(aside, 0o600);
            renameSync(aside, join(place, name));
          } finally {
            rmSync(aside, { force: true });
          }
          return true;
        });
        if (saved) return;
      }
    },
    discard,
  };
}

function defaultFolders(): string[] {
  const beside = fileURLToPath(new URL('../../../node_modules/.cache/selenoscan', import.meta.url));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return [beside, join(cache, 'selenoscan'), join(tmpdir(), `selenoscan-cache-${userInfo().uid}`)];
}

/** Whoever can write a snapshot decides what is in the database: a folder of somebody else's is not used. */
function isOurs(folder: string): boolean {
  const { uid } = lstatSync(folder);
  return process.getuid === undefined || uid === process.getuid() || uid === 0;
}

/** A cache that cannot be used is no cache. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

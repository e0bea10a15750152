import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../domain/errors.js';
import { HeldPart, hash, type PartName, type PartsHome, type Sidecar } from './held-part.js';
import { isAbandoned, ownerTag } from './owner-tag.js';
import { PartFile } from './part-file.js';

/** Name of the folder in the download folder. */
export const PARTS_FOLDER = 'selenoscan-parts';
/** Parts that nobody took up for so long are removed, ms. */
const OLD_MS = 7 * 86_400_000;

/**
 * `<url>-<md5>-<version>.<owner>.<nonce>.part`: hashes of the address and of the version, who writes it, and what
 * tells two parts of one version apart. `<url>-<md5>-<version>.json` says which version it is.
 */
const PART = /^([0-9a-f]{16})-([0-9a-f]{8}|none)-([0-9a-f]{8}|new)\.([\w-]+)\.([0-9a-f]{16})\.part$/;
const SIDECAR = /^[0-9a-f]{16}-(?:[0-9a-f]{8}|none)-[0-9a-f]{8}\.json$/;

interface FoundPart {
  readonly name: string;
  readonly url: string;
  readonly md5: string;
  /** What it shares with its sidecar. */
  readonly stem: string;
  readonly owner: string;
  readonly nonce: string;
  readonly bytes: number;
  readonly touchedMs: number;
}

/**
 * Parts of downloads that broke off, kept for whoever fetches the same file again, be it another process. A part
 * has one owner, named by its file's name, and is taken by a rename: of two processes that try, one succeeds.
 */
export class PartsFolder implements PartsHome {
  readonly path: string;
  readonly #now: () => number;
  #swept = false;

  /** @param downloadDir the folder is made in it when it is first needed */
  constructor(downloadDir: string, now: () => number = Date.now) {
    this.path = join(downloadDir, PARTS_FOLDER);
    this.#now = now;
  }

  /**
   * The part of a file that is here already, or an empty one; ours until it is given back.
   * @param md5 what the archive's label says of the file; parts of another one are removed
   * @throws OperationalError `download_dir` when the folder cannot be written
   */
  async take(url: string, md5: string | null): Promise<HeldPart> {
    await this.#prepare();
    const urlHash = hash(url, 16);
    const md5Tag = md5 === null ? 'none' : md5.slice(0, 8);
    const free = (await this.list()).filter((part) => part.url === urlHash && this.isFree(part));
    free.sort((a, b) => b.bytes - a.bytes);
    let taken: HeldPart | null = null;
    for (const part of free) {
      if (taken === null && part.md5 === md5Tag) taken = await this.#takeOver(part, url, md5);
      else await this.remove(part);
    }
    return taken ?? this.#begin(`${urlHash}-${md5Tag}`, url, md5);
  }

  async list(): Promise<FoundPart[]> {
    const names = await readdir(this.path).catch(() => []);
    const found = await Promise.all(
      names.map(async (name): Promise<FoundPart | null> => {
        const [, url = '', md5 = '', version = '', owner = '', nonce = ''] = PART.exec(name) ?? [];
        if (url === '') return null;
        const stats = await stat(join(this.path, name)).catch(() => null);
        const stem = `${url}-${md5}-${version}`;
        return stats && { name, url, md5, stem, owner, nonce, bytes: stats.size, touchedMs: stats.mtimeMs };
      }),
    );
    return found.filter((part) => part !== null);
  }

  isFree({ owner, touchedMs }: FoundPart): boolean {
    return isAbandoned(owner, touchedMs, this.#now());
  }

  async remove({ name, stem }: Pick<PartName, 'name' | 'stem'>): Promise<void> {
    await rm(join(this.path, name), { force: true });
    await this.removeSidecar(stem);
  }

  async removeSidecar(stem: string): Promise<void> {
    const names = await readdir(this.path).catch(() => []);
    if (names.some((name) => name.startsWith(`${stem}.`) && name.endsWith('.part'))) return;
    await rm(join(this.path, `${stem}.json`), { force: true });
  }

  /** Removes parts that nobody took up for a week. */
  async sweep(): Promise<void> {
    const limit = this.#now() - OLD_MS;
    for (const part of await this.list()) {
      if (part.touchedMs < limit && this.isFree(part)) await this.remove(part);
    }
    for (const name of await readdir(this.path).catch(() => [])) {
      if (!SIDECAR.test(name)) continue;
      const stats = await stat(join(this.path, name)).catch(() => null);
      if (stats !== null && stats.mtimeMs < limit) await this.removeSidecar(name.slice(0, -'.json'.length));
    }
  }

  async #prepare(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true });
    } catch (cause) {
      const message = `${this.path} cannot be made; set archive.download_dir to a folder with room for images.`;
      throw new OperationalError('download_dir', message, { cause });
    }
    if (this.#swept) return;
    this.#swept = true;
    await this.sweep();
  }

  async #begin(key: string, url: string, md5: string | null): Promise<HeldPart> {
    const nonce = randomBytes(8).toString('hex');
    const name = `${key}-new.${ownerTag()}.${nonce}.part`;
    const file = await PartFile.create(join(this.path, name));
    return new HeldPart(this, file, { url, md5, key, nonce, stem: `${key}-new`, name });
  }

  /** null where another process was first, or where nothing says which version it is. */
  async #takeOver(part: FoundPart, url: string, md5: string | null): Promise<HeldPart | null> {
    const name = `${part.stem}.${ownerTag()}.${part.nonce}.part`;
    try {
      await rename(join(this.path, part.name), join(this.path, name));
    } catch {
      return null;
    }
    const sidecar = await this.#sidecar(part.stem, url, md5);
    if (sidecar === null) {
      await this.remove({ ...part, name });
      return null;
    }
    const file = await PartFile.resume(join(this.path, name), sidecar);
    await file.touch();
    const key = `${part.url}-${part.md5}`;
    return new HeldPart(this, file, { url, md5, key, nonce: part.nonce, stem: part.stem, name });
  }

  async #sidecar(stem: string, url: string, md5: string | null): Promise<Sidecar | null> {
    try {
      const text = await readFile(join(this.path, `${stem}.json`), 'utf8');
      const { version, total, ...of } = JSON.parse(text) as Sidecar;
      if (of.url !== url || of.md5 !== md5 || typeof version !== 'string') return null;
      return { ...of, version, total: typeof total === 'number' ? total : null };
    } catch {
      return null;
    }
  }
}

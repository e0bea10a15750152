import { createHash } from 'node:crypto';
import { rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransientError } from '../../domain/errors.js';
import { NOBODY, TOUCH_MS, UNTOUCHED_MS, ownerTag } from './owner-tag.js';
import type { PartFile, PartVersion } from './part-file.js';
import type { Part } from './temporary-part.js';

/** What a part is the beginning of, as it is kept beside it. */
export interface Sidecar extends PartVersion {
  readonly url: string;
  readonly md5: string | null;
}

/** What the name of a part's file is made of. */
export interface PartName {
  readonly url: string;
  readonly md5: string | null;
  readonly key: string;
  readonly nonce: string;
  readonly stem: string;
  readonly name: string;
}

/** The folder that parts lie in. */
export interface PartsHome {
  readonly path: string;
  /** Removes a part. */
  remove(part: Pick<PartName, 'name' | 'stem'>): Promise<void>;
  /** Removes what says which version parts are of, unless one of them is left. */
  removeSidecar(stem: string): Promise<void>;
}

/** A part that is ours. */
export class HeldPart implements Part {
  readonly file: PartFile;
  readonly #folder: PartsHome;
  readonly #touching: NodeJS.Timeout;
  #name: PartName;
  #touchedMs = Date.now();

  constructor(folder: PartsHome, file: PartFile, name: PartName) {
    this.#folder = folder;
    this.file = file;
    this.#name = name;
    this.#touching = setInterval(() => void file.touch().catch(() => undefined), TOUCH_MS);
    this.#touching.unref();
  }

  get nonce(): string {
    return this.#name.nonce;
  }

  /** Says beside the part which version it is of, so that others can go on with it. */
  async begun(): Promise<void> {
    const { version, total } = this.file.version;
    const { url, md5, key, nonce, stem } = this.#name;
    const sidecar: Sidecar = { url, md5, version, total };
    const text = JSON.stringify(sidecar);
    const next = version === null ? `${key}-new` : `${key}-${hash(text, 8)}`;
    if (version !== null) {
      const aside = join(this.#folder.path, `.${nonce}.json`);
      await writeFile(aside, text);
      await rename(aside, join(this.#folder.path, `${next}.json`));
    }
    await this.#rename(next, ownerTag());
    if (stem !== next) await this.#folder.removeSidecar(stem);
  }

  /** A process that slept for long, as on a suspended machine, may have lost the part to another one. */
  async assertOurs(): Promise<void> {
    const now = Date.now();
    if (now - this.#touchedMs > UNTOUCHED_MS / 2) {
      const there = await stat(this.#path).catch(() => null);
      if (there === null) throw lost(this.#name.url);
    }
    this.#touchedMs = now;
  }

  async finish(path: string): Promise<void> {
    await this.#close();
    try {
      await rename(this.#path, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw lost(this.#name.url);
      await this.#folder.remove(this.#name);
      throw error;
    }
    await this.#folder.removeSidecar(this.#name.stem);
  }

  async release(keep: boolean): Promise<void> {
    await this.#close();
    const { version } = this.file.version;
    if (keep && version !== null && this.file.bytes > 0) {
      await this.#rename(this.#name.stem, NOBODY).catch(() => undefined);
    } else {
      await this.#folder.remove(this.#name);
    }
  }

  get #path(): string {
    return join(this.#folder.path, this.#name.name);
  }

  async #close(): Promise<void> {
    clearInterval(this.#touching);
    await this.file.close();
  }

  async #rename(stem: string, owner: string): Promise<void> {
    const name = `${stem}.${owner}.${this.#name.nonce}.part`;
    if (name === this.#name.name) return;
    await rename(this.#path, join(this.#folder.path, name));
    this.#name = { ...this.#name, stem, name };
  }
}

function lost(url: string): TransientError {
  return new TransientError(
    'resume',
    `the part of ${url} was taken by another process; it is asked again later.`,
  );
}

/** Names an address or a version in the name of a file. */
export function hash(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Validator } from '../archive-source.js';
import { strongValidator } from '../http/validator.js';

/** First bytes that are kept to tell what a file is. */
const HEAD_BYTES = 512;
const READ_BYTES = 1 << 20;

/** Which bytes a part is the beginning of. */
export interface PartVersion {
  /** A strong ETag, or a date; null where the server names no version. */
  readonly version: string | null;
  /** Size of the whole as the server told it. */
  readonly total: number | null;
}

/** A file of which the first `bytes` are here, with the hashes over them: a broken download goes on from there. */
export class PartFile {
  readonly #file: FileHandle;
  #bytes = 0;
  #md5: Hash = createHash('md5');
  #sha256: Hash = createHash('sha256');
  #head = Buffer.alloc(0);
  #version: PartVersion = { version: null, total: null };

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates `path`, which must not be there. */
  static async create(path: string): Promise<PartFile> {
    return new PartFile(await open(path, 'wx'));
  }

  /** Takes up the part at `path`: what is there is read and hashed again. */
  static async resume(path: string, version: PartVersion): Promise<PartFile> {
    const part = new PartFile(await open(path, 'r+'));
    try {
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      for (;;) {
        const { bytesRead } = await part.#file.read(buffer, 0, buffer.length, part.#bytes);
        if (bytesRead === 0) break;
        part.#count(buffer.subarray(0, bytesRead));
      }
      part.#version = version;
      return part;
    } catch (error) {
      await part.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get total(): number | null {
    return this.#version.total;
  }

  /** What these bytes are the beginning of. */
  get version(): PartVersion {
    return this.#version;
  }

  get head(): Uint8Array {
    return this.#head;
  }

  /** What asks for the rest of just this version; nothing where it must be asked for from the beginning. */
  get resumeHeaders(): Readonly<Record<string, string>> {
    const { version } = this.#version;
    if (this.#bytes === 0 || version === null) return {};
    return { Range: `bytes=${this.#bytes}-`, 'If-Range': version };
  }

  /** Whether an answer that states these validators can be of the version at hand. */
  matches(validator: Validator): boolean {
    const version = strongValidator(validator);
    return version === null || version === this.#version.version;
  }

  /**
   * Forgets all bytes.
   * @param validator of the version that begins now; null where it cannot be resumed
   */
  async restart(validator: Validator | null, total: number | null): Promise<void> {
    await this.#file.truncate(0);
    this.#bytes = 0;
    this.#md5 = createHash('md5');
    this.#sha256 = createHash('sha256');
    this.#head = Buffer.alloc(0);
    this.#version = { version: validator && strongValidator(validator), total };
  }

  async append(chunk: Buffer): Promise<void> {
    for (let written = 0; written < chunk.length;) {
      const { bytesWritten } = await this.#file.write(
        chunk,
        written,
        chunk.length - written,
        this.#bytes + written,
      );
      written += bytesWritten;
    }
    this.#count(chunk);
  }

  /** Lower-case hex over all bytes so far. */
  get md5(): string {
    return this.#md5.copy().digest('hex');
  }

  get sha256(): string {
    return this.#sha256.copy().digest('hex');
  }

  /** Marks the file as in use. */
  async touch(): Promise<void> {
    const now = new Date();
    await this.#file.utimes(now, now);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #count(chunk: Buffer): void {
    if (this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES - this.#head.length)]);
    }
    this.#md5.update(chunk);
    this.#sha256.update(chunk);
    this.#bytes += chunk.length;
  }
}

import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { PartFile } from './part-file.js';

/** A file on its way, held by one download. */
export interface Part {
  readonly file: PartFile;
  /** Names the part in a reservation of room. */
  readonly nonce: string;
  /** To be called when the file has begun anew. */
  begun(): Promise<void>;
  /** To be called before bytes are added. @throws TransientError when another process has taken the part */
  assertOurs(): Promise<void>;
  /** Moves the whole file to `path`. */
  finish(path: string): Promise<void>;
  /** Ends the download; with `keep` the part stays for who fetches the file again, where it can be gone on with. */
  release(keep: boolean): Promise<void>;
}

/** A part beside `path` that does not outlive its download. */
export async function createTemporaryPart(path: string): Promise<Part> {
  const nonce = randomUUID();
  const name = `${path}.${nonce}.part`;
  const file = await PartFile.create(name);
  return {
    file,
    nonce,
    begun: () => Promise.resolve(),
    assertOurs: () => Promise.resolve(),
    async finish(target) {
      await file.close();
      await rename(name, target);
    },
    async release() {
      await file.close();
      await rm(name, { force: true });
    },
  };
}

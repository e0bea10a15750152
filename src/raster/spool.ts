import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from '../domain/bytes.js';
import { OperationalError } from '../domain/errors.js';
import { localPath } from './byte-source.js';
import { truncated } from './faults.js';
import type { Piece } from './read-runs.js';

/** A file for libvips, which reads local files only. */
export interface LocalFile {
  readonly path: string;
  /** Removes the file where it is a copy. */
  remove(): Promise<void>;
}

const CHUNK_BYTES = 2 ** 23;

/** The bytes as a local file: the file itself where they are one, else a copy of them in a temporary folder. */
export async function asLocalFile(bytes: ByteSource): Promise<LocalFile> {
  const path = localPath(bytes);
  if (path !== null) return { path, remove: () => Promise.resolve() };
  return spool(bytes, new Uint8Array(), [{ offset: 0, count: bytes.size }]);
}

/**
 * Writes a head and pieces of a file, one after the other, into a temporary file.
 *
 * @throws OperationalError `temporary_space`; InvalidProductError `truncated`
 */
export async function spool(
  bytes: ByteSource,
  head: Uint8Array,
  pieces: readonly Piece[],
): Promise<LocalFile> {
  const folder = await temporaryFolder(bytes.name);
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'image');
  try {
    const file = await open(path, 'w').catch((error: unknown) => {
      throw noSpace(bytes.name, error);
    });
    try {
      const write = (data: Uint8Array) =>
        file.writeFile(data).catch((error: unknown) => {
          throw noSpace(bytes.name, error);
        });
      await write(head);
      for (const { offset, count } of pieces) {
        for (let at = offset; at < offset + count; at += CHUNK_BYTES) {
          const wanted = Math.min(CHUNK_BYTES, offset + count - at);
          const data = await bytes.read(at, wanted);
          if (data.length < wanted) throw truncated(bytes.name, 'it became shorter while it was read');
          await write(data);
        }
      }
    } finally {
      await file.close();
    }
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @throws OperationalError `temporary_space` */
export async function temporaryFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), 'selenoscan-')).catch((error: unknown) => {
    throw noSpace(name, error);
  });
}

export function noSpace(name: string, cause: unknown): OperationalError {
  const message = `The folder ${tmpdir()} cannot take the pixels of ${name}; make room there or set TMPDIR.`;
  return new OperationalError('temporary_space', message, { cause });
}

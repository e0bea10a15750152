import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ByteSource } from '../domain/bytes.js';
import { OperationalError } from '../domain/errors.js';
import { refuse } from './faults.js';

/** Sources that are files of this machine, which keep their names. */
const local = new WeakSet<ByteSource>();

/** Opening a pipe does not wait for somebody to write into it. */
const READ_AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK;

/** @throws InvalidProductError `not_found`, `unreadable` */
export async function openFile(path: string): Promise<ByteSource> {
  const name = basename(path);
  const file = await open(path, READ_AT_ONCE).catch((error: unknown) => {
    throw openFailure(path, error);
  });
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw refuse('unreadable', `${path} is not a file; give the path of one image.`);
  }
  const source: ByteSource = {
    name,
    path,
    size: stats.size,
    async read(offset, length, into) {
      const bytes = roomFor(Math.max(0, Math.min(length, stats.size - offset)), into);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file
          .read(bytes, filled, bytes.length - filled, offset + filled)
          .catch((error: unknown) => {
            throw new OperationalError('io', `${name} cannot be read: ${reason(error)}.`, { cause: error });
          });
        if (bytesRead === 0) return bytes.subarray(0, filled);
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => file.close(),
  };
  local.add(source);
  return source;
}

function roomFor(length: number, into?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (into !== undefined && into.length >= length) return into.subarray(0, length);
  // Every byte is read or cut off: none needs to be cleared first.
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer, byteOffset, length);
}

/** Path of the file that a source reads, null where it reads something else. */
export function localPath(source: ByteSource): string | null {
  return local.has(source) ? source.path : null;
}

/** The same over bytes in memory. */
export function bytesInMemory(name: string, data: Uint8Array): ByteSource {
  return {
    name,
    path: name,
    size: data.length,
    read: (offset, length) => Promise.resolve(new Uint8Array(data.subarray(offset, offset + length))),
    close: () => Promise.resolve(),
  };
}

function openFailure(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return refuse('not_found', `There is no file ${path}; check the path.`, error);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return refuse('unreadable', `${path} may not be read by this user; change its permissions.`, error);
  }
  return refuse('unreadable', `${path} cannot be opened: ${reason(error)}; check the path.`, error);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

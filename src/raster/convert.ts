import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from '../domain/bytes.js';
import { OperationalError } from '../domain/errors.js';
import { bytesInMemory, openFile } from './byte-source.js';
import { undecodable } from './faults.js';
import { decoder } from './libvips.js';

/** Pixels up to which the converted image is kept in memory, one byte each. */
const IN_MEMORY_PIXELS = 2 ** 24;

/**
 * Rewrites an image that can only be decoded from its beginning (PNG, a TIFF of one huge block) as an
 * uncompressed grey TIFF, whose lines can be read in any order. libvips does so line by line, so a large
 * image passes to a temporary file (its size: one byte a pixel) without lying in memory. The file has no
 * name any more when this returns and vanishes when the source is closed or the process ends.
 *
 * @throws InvalidProductError `undecodable`; OperationalError `temporary_space`
 */
export async function convertToRandomAccess(path: string, name: string, pixels: number): Promise<ByteSource> {
  const image = decoder(path).tiff({ compression: 'none', tile: false, predictor: 'none' });
  if (pixels <= IN_MEMORY_PIXELS) {
    const data = await image.toBuffer().catch((error: unknown) => {
      throw undecodable(name, 'its pixels do not decode', error);
    });
    return bytesInMemory(name, data);
  }
  const folder = await mkdtemp(join(tmpdir(), 'selenoscan-')).catch((error: unknown) => {
    throw noSpace(name, error);
  });
  try {
    const file = join(folder, 'image.tif');
    await image.toFile(file).catch((error: unknown) => {
      throw /no space|unable to (write|open)/i.test(String(error))
        ? noSpace(name, error)
        : undecodable(name, 'its pixels do not decode', error);
    });
    return { ...(await openFile(file)), name };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function noSpace(name: string, cause: unknown): OperationalError {
  const message = `The folder ${tmpdir()} cannot take the pixels of ${name}; make room there or set TMPDIR.`;
  return new OperationalError('temporary_space', message, { cause });
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSource } from '../domain/bytes.js';
import { bytesInMemory, openFile } from './byte-source.js';
import { undecodable } from './faults.js';
import { decoder } from './libvips.js';
import { noSpace, temporaryFolder } from './spool.js';

/** Bytes of pixels up to which the converted image is kept in memory. */
const IN_MEMORY_BYTES = 2 ** 24;

/**
 * Rewrites an image that can only be decoded from its beginning (PNG, a TIFF of one huge block) as an
 * uncompressed TIFF of one band, whose lines can be read in any order. libvips does so line by line, so a large
 * image passes to a temporary file without lying in memory. The file has no name any more when this returns and
 * vanishes when the source is closed or the process ends.
 *
 * @param path of a local file
 * @param o.bytes of the pixels in all; samples of 16 bits are kept as they are if `wide`, all others become grey
 * @throws InvalidProductError `undecodable`; OperationalError `temporary_space`
 */
export async function convertToRandomAccess(
  path: string,
  name: string,
  o: { bytes: number; wide?: boolean },
): Promise<ByteSource> {
  const image = decoder(path).tiff({ compression: 'none', tile: false, predictor: 'none' });
  if (o.wide === true) image.toColourspace('grey16');
  if (o.bytes <= IN_MEMORY_BYTES) {
    const data = await image.toBuffer().catch((error: unknown) => {
      throw undecodable(name, 'its pixels do not decode', error);
    });
    return bytesInMemory(name, data);
  }
  const folder = await temporaryFolder(name);
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

import type { ByteSource } from '../domain/bytes.js';
import { DEFAULT_STRETCH, type RasterSource, type StretchRule } from '../domain/raster.js';
import { convertToRandomAccess } from './convert.js';
import { deferredRaster } from './deferred-raster.js';
import { refuse, truncated, undecodable } from './faults.js';
import { decoder } from './libvips.js';
import { checkExpansion, checkSize } from './limits.js';
import { openTiff } from './open-tiff.js';
import { asLocalFile, type LocalFile } from './spool.js';

/** Pixels up to which an interlaced PNG is read: it is decoded whole in memory. */
const MAX_INTERLACED_PIXELS = 2 ** 26;
/** The chunk that ends every PNG, with its empty length and its checksum (PNG 3rd edition, 11.2.5). */
const END_CHUNK = '0000000049454e44ae426082';

/**
 * Opens a PNG of 8 or 16 bits: grey, or colour (with or without alpha), which is made grey; equal red, green
 * and blue keep their value. Nothing is decoded before a pixel is asked for.
 *
 * @throws InvalidProductError `truncated`, `undecodable`, `unsupported_samples`, `too_large`
 */
export async function openPng(
  bytes: ByteSource,
  stretch: StretchRule = DEFAULT_STRETCH,
): Promise<RasterSource> {
  const file = await asLocalFile(bytes);
  try {
    return await openLocal(bytes, file, stretch);
  } catch (error) {
    await file.remove();
    throw error;
  }
}

async function openLocal(bytes: ByteSource, file: LocalFile, stretch: StretchRule): Promise<RasterSource> {
  const { name } = bytes;
  const end = await bytes.read(Math.max(0, bytes.size - END_CHUNK.length / 2), END_CHUNK.length / 2);
  const ended = Buffer.from(end).toString('hex') === END_CHUNK;
  const { width, height, depth, isProgressive } = await decoder(file.path)
    .metadata()
    .catch((error: unknown) => {
      throw ended
        ? undecodable(name, 'its PNG header cannot be read', error)
        : truncated(name, 'its PNG has no end', error);
    });
  checkSize(name, width, height);
  if (!ended) throw truncated(name, 'its PNG has no end');
  if (isProgressive && width * height > MAX_INTERLACED_PIXELS) {
    throw refuse(
      'too_large',
      `${name} is an interlaced PNG of ${width} x ${height} pixels, too large to read; save it without interlacing.`,
    );
  }
  const wide = depth !== 'uchar';
  checkExpansion(name, width * height * (wide ? 2 : 1), bytes.size);
  const size = { bytes: width * height * (wide ? 2 : 1), wide };
  const convert = async () => openTiff(await convertToRandomAccess(file.path, name, size), stretch);
  const info = { width, height, format: wide ? 'PNG uint16' : 'PNG', exactNulls: wide };
  return deferredRaster(info, convert, async () => {
    await file.remove();
    await bytes.close();
  });
}

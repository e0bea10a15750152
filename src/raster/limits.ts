import { refuse } from './faults.js';

/** Samples in a line. LROC NAC has 5064, mosaics of it up to some 30,000. */
const MAX_WIDTH = 65_536;
/** Lines. A NAC image has at most 52224. */
const MAX_HEIGHT = 2 ** 20;
/** Pixels of an image: eight times a whole NAC image of 5064 x 52224. */
const MAX_PIXELS = 2 ** 31;

/**
 * Refuses sizes that no lunar image has, before anything is allocated by them.
 *
 * @throws InvalidProductError `too_large`, `undecodable`
 */
export function checkSize(name: string, width: number, height: number): void {
  const whole = Number.isSafeInteger(width) && Number.isSafeInteger(height);
  if (!whole || width < 1 || height < 1) {
    throw refuse(
      'undecodable',
      `${name} does not state a size of at least 1 x 1 pixels; fetch the file again.`,
    );
  }
  if (width > MAX_WIDTH || height > MAX_HEIGHT || width * height > MAX_PIXELS) {
    throw refuse(
      'too_large',
      `${name} claims ${width} x ${height} pixels, more than the ${MAX_WIDTH} x ${MAX_HEIGHT} and ${MAX_PIXELS} in all that are read; cut it into parts.`,
    );
  }
}

/** Bytes of pixels up to which an image may be packed as tightly as it can be. */
const FREE_BYTES = 2 ** 28;
/** Bytes of pixels for one in the file. Images of ground take 2 to 10, and no more than their blank parts make of it. */
const MAX_EXPANSION = 256;

/**
 * Refuses a small file that claims to hold a large image, before anything is unpacked: a decompression bomb.
 *
 * @param rawBytes of all pixels
 * @param packedBytes that hold them
 * @throws InvalidProductError `too_large`
 */
export function checkExpansion(name: string, rawBytes: number, packedBytes: number): void {
  if (rawBytes <= FREE_BYTES || rawBytes <= MAX_EXPANSION * packedBytes) return;
  throw refuse(
    'too_large',
    `${name} claims ${rawBytes} bytes of pixels in ${packedBytes} bytes, more than the ${MAX_EXPANSION} for one that are unpacked; check where it comes from.`,
  );
}

/**
 * Scans of a block. A band of a baseline image needs one; each further one costs as much time as the block has pixels,
 * and as few bytes as one likes.
 */
const MOST_SCANS = 16;

/**
 * Walks the markers of one JPEG block of a TIFF and tells what is wrong with it, or null. libvips decodes a
 * block that was cut short or overwritten without a word, filling the rest with grey, so damage that shows
 * in the markers is found here.
 *
 * @param width pixels that the block must have
 * @param heights likewise; the last strip of an image may be stored cut at the image or at full height
 * @see ITU-T T.81, B.1-B.2
 */
export function jpegFault(block: Uint8Array, width: number, heights: readonly number[]): string | null {
  if (block[0] !== 0xff || block[1] !== 0xd8) return 'no JPEG data';
  let at = 2;
  let framed = false;
  let scans = 0;
  for (;;) {
    if (block[at] !== 0xff) return 'a broken JPEG marker';
    while (block[at] === 0xff) at += 1;
    const marker = block[at++];
    if (marker === undefined) return 'JPEG data cut short';
    if (marker === 0xd9) return framed ? null : 'a JPEG without an image';
    const length = ((block[at] ?? 0) << 8) | (block[at + 1] ?? 0);
    if (length < 2) return 'a broken JPEG marker';
    if (isFrame(marker)) {
      const lines = ((block[at + 3] ?? 0) << 8) | (block[at + 4] ?? 0);
      const columns = ((block[at + 5] ?? 0) << 8) | (block[at + 6] ?? 0);
      if (block[at + 2] !== 8 || columns !== width || !heights.includes(lines)) {
        return `a JPEG of ${columns} x ${lines} pixels in place of ${width} x ${heights.join(' or ')}`;
      }
      framed = true;
    }
    at += length;
    if (marker === 0xda) {
      if (++scans > MOST_SCANS) return `a JPEG of more than ${MOST_SCANS} scans`;
      at = endOfScan(block, at);
      if (at < 0) return 'JPEG data cut short';
    }
  }
}

/** Start-of-frame markers: C0-CF but for DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Where the marker after the entropy-coded data from `from` stands, -1 when there is none. */
function endOfScan(block: Uint8Array, from: number): number {
  let at = block.indexOf(0xff, from);
  while (at >= 0) {
    const next = block[at + 1] ?? 0;
    const inside = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (!inside) return at;
    at = block.indexOf(0xff, at + (next === 0xff ? 1 : 2));
  }
  return -1;
}

/**
 * Scans of a block. A band of a baseline image needs one; each further one costs as much time as the block has pixels,
 * and as few bytes as one likes.
 */
const MOST_SCANS = 16;

/** Bytes of a hole that a disk or a line left in a file: so many zeros are no pixels, unless they mean ends of blocks. */
const HOLE = 32;

/** Of a JPEG's tables of Huffman codes: those of AC coefficients. */
const AC = 1;
const END_OF_BLOCK = 0;

/**
 * Walks the markers of one JPEG block of a TIFF and tells what is wrong with it, or null. libvips decodes a
 * block that was cut short or overwritten without a word, filling the rest with grey, so damage that shows
 * in the markers is found here, and so are holes of zeros in the data of a baseline JPEG.
 *
 * @param width pixels that the block must have
 * @param heights likewise; the last strip of an image may be stored cut at the image or at full height
 * @param tables that the blocks of a TIFF share, null where each has its own
 * @see ITU-T T.81, B.1-B.2
 */
export function jpegFault(
  block: Uint8Array,
  width: number,
  heights: readonly number[],
  tables: ArrayLike<number> | null = null,
): string | null {
  if (block[0] !== 0xff || block[1] !== 0xd8) return 'no JPEG data';
  let at = 2;
  let framed = false;
  let scans = 0;
  let sequential = false;
  /** The tables, as bits, whose shortest code, all zeros, ends a block: by such a table a flat one is zeros. */
  let flat = tables === null ? 0 : flatTables(tables);
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
      sequential = marker <= 0xc1;
    } else if (marker === 0xc4) flat = flatTablesIn(block, at + 2, at + length, flat);
    const used = marker === 0xda ? tablesOfScan(block, at) : 0;
    at += length;
    if (marker === 0xda) {
      if (++scans > MOST_SCANS) return `a JPEG of more than ${MOST_SCANS} scans`;
      const from = at;
      at = endOfScan(block, at);
      if (at < 0) return 'JPEG data cut short';
      if (sequential && (flat & used) === 0 && hasHole(block, from, at))
        return 'JPEG data with a hole of zeros';
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

function hasHole(block: Uint8Array, from: number, to: number): boolean {
  // A hole covers one of these places.
  for (let at = from; at < to; at += HOLE) {
    if (block[at] !== 0) continue;
    let [first, end] = [at, at + 1];
    while (first > from && block[first - 1] === 0) first--;
    while (end < to && block[end] === 0) end++;
    if (end - first >= HOLE) return true;
  }
  return false;
}

/** The AC tables that a scan uses, as bits. @param at of its header */
function tablesOfScan(block: Uint8Array, at: number): number {
  const components = block[at + 2] ?? 0;
  let used = 0;
  for (let i = 0; i < components; i++) used |= 1 << ((block[at + 4 + 2 * i] ?? 0) & 15);
  return used;
}

/** Of tables as a TIFF keeps them: a JPEG that has nothing else. */
function flatTables(tables: ArrayLike<number>): number {
  let flat = 0;
  for (let at = 2; at + 4 <= tables.length && tables[at] === 0xff;) {
    const length = ((tables[at + 2] ?? 0) << 8) | (tables[at + 3] ?? 0);
    if (tables[at + 1] === 0xc4) flat = flatTablesIn(tables, at + 4, at + 2 + length, flat);
    at += 2 + Math.max(2, length);
  }
  return flat;
}

/** What a DHT segment changes of them. @param flat before it */
function flatTablesIn(data: ArrayLike<number>, from: number, to: number, flat: number): number {
  for (let at = from; at + 17 < to;) {
    let codes = 0;
    for (let length = 1; length <= 16; length++) codes += data[at + length] ?? 0;
    const id = 1 << ((data[at] ?? 0) & 15);
    if ((data[at] ?? 0) >> 4 === AC) flat = data[at + 17] === END_OF_BLOCK ? flat | id : flat & ~id;
    at += 17 + codes;
  }
  return flat;
}

/** Compressions that are read, by the value of the TIFF tag 259. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'uncompressed'],
  [5, 'LZW'],
  [7, 'jpeg'],
  [8, 'deflate'],
  [32946, 'deflate'],
  [32773, 'packbits'],
]);

export const UNCOMPRESSED = 1;
export const JPEG = 7;

/** The compression's name, or null when it is not read here. */
export function compressionName(tag: number): string | null {
  return NAMES.get(tag) ?? null;
}

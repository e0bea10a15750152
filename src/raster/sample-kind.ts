/** What the samples of an image are. */
export interface SampleKind {
  /** e.g. `int16`. */
  readonly name: string;
  readonly bytes: number;
  /** Samples of little-endian bytes; the bytes begin where their buffer does. */
  values(bytes: Uint8Array<ArrayBuffer>): SampleArray;
}

export type SampleArray =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

const KINDS: Readonly<Record<string, SampleKind>> = {
  '1/8': { name: 'uint8', bytes: 1, values: (b) => b },
  '2/8': { name: 'int8', bytes: 1, values: (b) => new Int8Array(b.buffer) },
  '1/16': { name: 'uint16', bytes: 2, values: (b) => new Uint16Array(b.buffer) },
  '2/16': { name: 'int16', bytes: 2, values: (b) => new Int16Array(b.buffer) },
  '1/32': { name: 'uint32', bytes: 4, values: (b) => new Uint32Array(b.buffer) },
  '2/32': { name: 'int32', bytes: 4, values: (b) => new Int32Array(b.buffer) },
  '3/32': { name: 'float32', bytes: 4, values: (b) => new Float32Array(b.buffer) },
  '3/64': { name: 'float64', bytes: 8, values: (b) => new Float64Array(b.buffer) },
};

/**
 * The kind of an image's samples, which must be the same in all bands; null where it is not read.
 *
 * @param formats TIFF's SampleFormat: 1 unsigned, 2 signed, 3 float; 4, not told, is taken as unsigned
 */
export function sampleKind(bits: readonly number[], formats: readonly number[]): SampleKind | null {
  const alike = new Set(bits).size === 1 && new Set(formats).size === 1;
  const format = formats[0] === 4 ? 1 : formats[0];
  return alike ? (KINDS[`${format}/${bits[0]}`] ?? null) : null;
}

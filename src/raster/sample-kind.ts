export type SampleName = 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64';

/** What the samples of an image are. */
export interface SampleKind {
  readonly name: SampleName;
  readonly bytes: 1 | 2 | 4 | 8;
}

const KINDS: Readonly<Record<string, SampleKind>> = {
  '1/8': { name: 'uint8', bytes: 1 },
  '2/8': { name: 'int8', bytes: 1 },
  '1/16': { name: 'uint16', bytes: 2 },
  '2/16': { name: 'int16', bytes: 2 },
  '1/32': { name: 'uint32', bytes: 4 },
  '2/32': { name: 'int32', bytes: 4 },
  '3/32': { name: 'float32', bytes: 4 },
  '3/64': { name: 'float64', bytes: 8 },
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

/** What each bit pattern of samples of 8 or 16 bits is worth. @param worthOf takes the sample, and the pattern */
export function tableOf(
  { name, bytes }: SampleKind,
  worthOf: (sample: number, pattern: number) => number,
): Float32Array {
  const table = new Float32Array(256 ** bytes);
  const shift = name.startsWith('int') ? 32 - 8 * bytes : 0;
  for (let pattern = 0; pattern < table.length; pattern++) {
    table[pattern] = worthOf((pattern << shift) >> shift, pattern);
  }
  return table;
}

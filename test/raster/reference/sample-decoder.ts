import { decompandTable } from '../../../src/raster/img/compand.js';
import type { ImageLayout, SpecialValues } from '../../../src/raster/img/image-layout.js';
import { SAMPLE_BYTES, type SampleType } from '../../../src/raster/img/sample-type.js';
import { VALID_INT16 } from './special-values.js';

/** Turns stored samples into numbers: NaN = no data, -Infinity / +Infinity = saturated low / high. */
export type SampleDecoder = (bytes: Uint8Array) => Float32Array;

/** A bit pattern in a PDS3 label, `16#FF7FFFFB#`, or in a PDS4 label, `0xFF7FFFFB`. */
const PATTERN = /^(?:16#|0x)([0-9A-F]+)#?$/i;

/**
 * Makes the decoder of an image. A stored value is looked up among the special ones before it is scaled; reals
 * that are no number are no data.
 *
 * @throws RangeError naming a special value that does not fit the samples
 */
export function sampleDecoder({ sample, factor, base, special, compand }: ImageLayout): SampleDecoder {
  const meaning = new Map<number, number>();
  const add = (spelled: readonly string[], value: number): void => {
    for (const text of spelled) meaning.set(storedValue(text, sample), value);
  };
  for (const { noData, saturatedLow, saturatedHigh } of [usualSpecial(sample, special), special]) {
    add(saturatedHigh, Infinity);
    add(saturatedLow, -Infinity);
    add(noData, NaN);
  }
  const minimum = lowestValid(special.validMinimum, sample, factor === 1 && base === 0);
  const meaningOf = (stored: number): number =>
    meaning.get(stored) ?? (stored >= minimum && Number.isFinite(stored) ? stored * factor + base : NaN);

  if (SAMPLE_BYTES[sample] === 4) {
    const stored = [...meaning.keys()];
    const plainAbove = stored.reduce((most, value) => (value < 0 ? Math.max(most, value) : most), minimum);
    const hasLarge = stored.some((value) => value >= 0);
    const isPlain = (value: number): boolean => !hasLarge && value > plainAbove && value < Infinity;
    const number = (value: number) => (isPlain(value) ? value * factor + base : meaningOf(value));
    return (bytes) => decoded(bytes, sample.endsWith('le'), number);
  }
  // Every stored value of 8 or 16 bits is worked out once.
  const values = SAMPLE_BYTES[sample] === 1 ? 256 : 65_536;
  const linear = compand === null ? null : decompandTable(compand);
  const table = Float32Array.from({ length: values }, (_, bits) => {
    const stored = sample.startsWith('i') ? (bits << 16) >> 16 : bits;
    return meaning.has(stored) || linear === null ? meaningOf(stored) : linear[bits]! * factor + base;
  });
  return (bytes) => lookedUp(bytes, sample, table);
}

/**
 * What labels leave unsaid: ISIS's values, which no measurement reaches, and 0 in unsigned samples. Here the
 * least float is ISIS's high saturation, which in TIFFs it mostly is not (`special-values.ts`). A NAC's bias
 * keeps even its masked columns at code 18, so that 0 is a lost packet or a signal below the range.
 */
function usualSpecial(
  sample: SampleType,
  { noData }: SpecialValues,
): Pick<SpecialValues, 'noData' | 'saturatedLow' | 'saturatedHigh'> {
  if (sample.startsWith('u')) {
    return { noData: noData.length === 0 ? ['0'] : [], saturatedLow: [], saturatedHigh: [] };
  }
  if (sample.startsWith('i')) {
    return {
      noData: ['-32768'],
      saturatedLow: ['-32767', '-32766'],
      saturatedHigh: ['-32765', '-32764'],
    };
  }
  return {
    noData: ['16#FF7FFFFB#'],
    saturatedLow: ['16#FF7FFFFC#', '16#FF7FFFFD#'],
    saturatedHigh: ['16#FF7FFFFE#', '16#FF7FFFFF#'],
  };
}

/**
 * The lowest stored value that is a measurement. Some labels give the image's own minimum in place of a limit,
 * in scaled units at that: a limit is believed where it cannot be one.
 */
function lowestValid(stated: string | null, sample: SampleType, unscaled: boolean): number {
  const usual = sample.startsWith('i') ? VALID_INT16 : -Infinity;
  if (stated === null) return usual;
  const minimum = storedValue(stated, sample);
  return unscaled || PATTERN.test(stated) || minimum <= VALID_INT16 ? minimum : usual;
}

function lookedUp(bytes: Uint8Array, sample: SampleType, table: Float32Array): Float32Array {
  const size = SAMPLE_BYTES[sample];
  const out = new Float32Array(bytes.length / size);
  if (size === 1) {
    for (let i = 0; i < out.length; i++) out[i] = table[bytes[i]!]!;
    return out;
  }
  const [low, high] = sample.endsWith('le') ? [0, 1] : [1, 0];
  for (let i = 0, at = 0; i < out.length; i++, at += 2)
    out[i] = table[bytes[at + low]! | (bytes[at + high]! << 8)]!;
  return out;
}

function decoded(bytes: Uint8Array, little: boolean, number: (stored: number) => number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float32Array(bytes.length / 4);
  for (let i = 0; i < out.length; i++) out[i] = number(view.getFloat32(4 * i, little));
  return out;
}

/** The number that a sample of this type holds where the label spells this value. */
function storedValue(text: string, sample: SampleType): number {
  const pattern = PATTERN.exec(text)?.[1];
  const bits = pattern === undefined ? NaN : parseInt(pattern, 16);
  const number = pattern === undefined ? Number(text) : bits;
  if (text === '' || !Number.isFinite(number)) throw new RangeError(`${text} is no number`);
  if (SAMPLE_BYTES[sample] === 4) {
    if (pattern === undefined) return Math.fround(number);
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, bits);
    return view.getFloat32(0);
  }
  return pattern !== undefined && sample.startsWith('i') ? (bits << 16) >> 16 : number;
}

import { tableOf, type SampleKind, type SampleName } from '../sample-kind.js';
import { SampleReader } from '../sample-reader.js';
import type { SampleWorth } from '../sample-worth.js';
import { VALID_INT16 } from '../special-values.js';
import { decompandTable } from './compand.js';
import type { ImageLayout, SpecialValues } from './image-layout.js';
import { SAMPLE_BYTES, type SampleType } from './sample-type.js';

/** A bit pattern in a PDS3 label, `16#FF7FFFFB#`, or in a PDS4 label, `0xFF7FFFFB`. */
const PATTERN = /^(?:16#|0x)([0-9A-F]+)#?$/i;

const NAMES: Readonly<Record<string, SampleName>> = {
  u8: 'uint8',
  i16: 'int16',
  u16: 'uint16',
  f32: 'float32',
};

/**
 * Makes the reader of an image's samples. A stored value is looked up among the special ones before it is scaled;
 * reals that are no number are no data.
 *
 * @throws RangeError naming a special value that does not fit the samples
 */
export function sampleDecoder(layout: ImageLayout): SampleReader {
  const { sample, width } = layout;
  const kind: SampleKind = { name: NAMES[sample.replace(/[lb]e$/, '')]!, bytes: SAMPLE_BYTES[sample] };
  const form = { kind, littleEndian: !sample.endsWith('be'), bands: 1, predictor: 1, blockSamples: width };
  return new SampleReader(form, worthOf(layout, kind));
}

function worthOf({ sample, factor, base, special, compand }: ImageLayout, kind: SampleKind): SampleWorth {
  const specials = new Map<number, number>();
  const add = (spelled: readonly string[], value: number): void => {
    for (const text of spelled) specials.set(storedValue(text, sample), value);
  };
  if (kind.bytes === 4) add(['16#7F800000#', '16#FF800000#'], NaN);
  for (const { noData, saturatedLow, saturatedHigh } of [usualSpecial(sample, special), special]) {
    add(saturatedHigh, Infinity);
    add(saturatedLow, -Infinity);
    add(noData, NaN);
  }
  const minimum = lowestValid(special.validMinimum, sample, factor === 1 && base === 0);
  if (kind.bytes === 4) return { table: null, specials, minimum, factor, base, stated: null };
  // Every stored value of 8 or 16 bits is worked out once.
  const linear = compand === null ? null : decompandTable(compand);
  const table = tableOf(kind, (stored, pattern) => {
    const meaning = specials.get(stored);
    if (meaning !== undefined) return meaning;
    if (linear !== null) return linear[pattern]! * factor + base;
    return stored >= minimum ? stored * factor + base : NaN;
  });
  return { table };
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

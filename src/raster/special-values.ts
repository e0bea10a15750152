import { tableOf, type SampleKind } from './sample-kind.js';
import type { SampleWorth } from './sample-worth.js';

/** Below this a signed 16-bit sample of the archive's calibrated images is no measurement (lroc-archive, section 5). */
export const VALID_INT16 = -32752;
/** The special values that are saturation; NULL (-32768) and all others are no data. */
const INT16_SPECIALS: ReadonlyMap<number, number> = new Map([
  [-32767, -Infinity],
  [-32766, -Infinity],
  [-32765, Infinity],
  [-32764, Infinity],
]);
/** The special 32-bit floats of PDS and ISIS: 16#FF7FFFFB# and its neighbours up to the least float. */
const FLOAT_SPECIALS: ReadonlyMap<number, number> = new Map([
  [floatOf(0xff7ffffb), NaN],
  [floatOf(0xff7ffffc), -Infinity],
  [floatOf(0xff7ffffd), -Infinity],
  [floatOf(0xff7ffffe), Infinity],
  // High saturation of ISIS, but far more often what other programs write for no data.
  [floatOf(0xff7fffff), NaN],
]);

/**
 * What samples of a kind are worth: the special values of PDS, then the file's own sample for no data.
 *
 * @param noData GDAL's tag: a number, `nan` or ''
 * @param sign -1 where white is zero
 */
export function worthOf(kind: SampleKind, noData: string, sign: 1 | -1): SampleWorth {
  const stated = noDataOf(kind, noData);
  if (kind.bytes <= 2) {
    return {
      table: tableOf(kind, (sample) => (sample === stated ? NaN : sign * meaningOf(kind, sample))),
    };
  }
  const specials = new Map<number, number>();
  if (kind.name.startsWith('float')) {
    for (const [stored, meaning] of FLOAT_SPECIALS) specials.set(stored, sign * meaning);
  }
  if (kind.name === 'float32' && stated !== null) specials.set(stated, NaN);
  return { table: null, specials, minimum: -Infinity, factor: sign, base: 0, stated };
}

/** The number that GDAL's tag names as a sample of the kind would hold it; null where it names none. */
export function noDataOf({ name }: SampleKind, noData: string): number | null {
  const value = noData === '' ? NaN : Number(noData);
  if (Number.isNaN(value)) return null;
  return name === 'float32' ? Math.fround(value) : value;
}

function meaningOf({ name }: SampleKind, sample: number): number {
  return name === 'int16' && sample < VALID_INT16 ? (INT16_SPECIALS.get(sample) ?? NaN) : sample;
}

function floatOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

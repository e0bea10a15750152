import type { SampleKind } from '../../../src/raster/sample-kind.js';

/** What a sample of a TIFF is worth: NaN = no data, -Infinity / +Infinity = saturated low / high. */
export type Meaning = (sample: number) => number;

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
const MOST = floatOf(0x7f7fffff);

/**
 * How samples of a kind are read: the special values of PDS, then the file's own sample for no data.
 *
 * @param noData GDAL's tag: a number, `nan` or ''
 */
export function meaningOf(kind: SampleKind, noData: string): Meaning {
  const stated = noDataOf(kind, noData);
  const special = specialsOf(kind);
  return (sample) => (sample === stated ? NaN : special(sample));
}

/** The number that GDAL's tag names as a sample of the kind would hold it; null where it names none. */
export function noDataOf({ name }: SampleKind, noData: string): number | null {
  const value = noData === '' ? NaN : Number(noData);
  if (Number.isNaN(value)) return null;
  return name === 'float32' ? Math.fround(value) : value;
}

function specialsOf({ name }: SampleKind): Meaning {
  if (name === 'int16') {
    return (sample) => (sample < VALID_INT16 ? (INT16_SPECIALS.get(sample) ?? NaN) : sample);
  }
  if (name === 'float32') {
    return (sample) => (sample < -3.4e38 ? (FLOAT_SPECIALS.get(sample) ?? sample) : sample);
  }
  if (name === 'float64') {
    return (sample) => {
      if (Math.abs(sample) < 3.4e38 || !Number.isFinite(sample)) return sample;
      // Samples are kept in single precision; what it does not hold is no measurement.
      return Math.abs(sample) >= MOST ? NaN : (FLOAT_SPECIALS.get(Math.fround(sample)) ?? sample);
    };
  }
  return (sample) => sample;
}

function floatOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

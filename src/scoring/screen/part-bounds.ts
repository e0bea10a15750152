import { SCREEN_PARTS, type Interval, type ScreenPart } from '../screen-bounds.js';

/** Between which values a part lies in fp32, by its screened value. */
export type PartBounds = (part: ScreenPart, value: number) => Interval;

/** How many times wider than measured at the export the bounds of parts were found to be; absent = not wider. */
export type Widening = Readonly<Partial<Record<ScreenPart, number>>>;

/** A bound narrower than this is taken as this wide before it is widened: single precision resolves no less. */
const LEAST_HALF_WIDTH = 1e-6;

/** Bounds that reach `widening` times as far from the value. */
export function widened(bounds: PartBounds, widening: Widening): PartBounds {
  return (part, value) => {
    const interval = bounds(part, value);
    const factor = widening[part] ?? 1;
    if (factor === 1) return interval;
    return {
      lo: value - factor * Math.max(value - interval.lo, LEAST_HALF_WIDTH),
      hi: value + factor * Math.max(interval.hi - value, LEAST_HALF_WIDTH),
    };
  };
}

/** How many times as far a bound must reach from `value` to hold `truth`; at most 1 where it does. */
export function factorNeeded({ lo, hi }: Interval, value: number, truth: number): number {
  const reach = truth < value ? value - lo : hi - value;
  return Math.abs(truth - value) / Math.max(reach, LEAST_HALF_WIDTH);
}

/** The wider of two for each part. */
export function widest(a: Widening, b: Widening): Widening {
  const all: Partial<Record<ScreenPart, number>> = { ...a };
  for (const part of SCREEN_PARTS) {
    const factor = Math.max(a[part] ?? 1, b[part] ?? 1);
    if (factor > 1) all[part] = factor;
  }
  return all;
}

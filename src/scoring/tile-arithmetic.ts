import { MAD_TO_SIGMA, type RobustSpread } from './robust.js';

/**
 * Arithmetic on one value per tile. Plain loops: `map` and `from` of typed arrays put each number into an object of
 * its own, which is much work for the garbage collector in an image of 250,000 tiles.
 */

const Z_RANGE = { min: -3, max: 12 };

/** Natural logarithms of values, of which those below `least` are taken as that. */
export function logsOf(values: Float32Array, least = -Infinity): Float32Array {
  const floor = Math.fround(least);
  const logs = new Float32Array(values.length);
  for (let i = 0; i < logs.length; i++) logs[i] = Math.log(Math.max(values[i]!, floor));
  return logs;
}

/** How many standard deviations values lie above a median, by its robust spread; clipped to [-3, 12]. */
export function clippedZ(values: Float32Array, spread: RobustSpread, leastSigma: number): Float32Array {
  const sigma = Math.max(MAD_TO_SIGMA * spread.mad, leastSigma);
  const z = new Float32Array(values.length);
  for (let i = 0; i < z.length; i++)
    z[i] = Math.min(Math.max((values[i]! - spread.median) / sigma, Z_RANGE.min), Z_RANGE.max);
  return z;
}

/** Values that are kept in whole steps, of which `unit` are 1; NaN where `none` is kept. */
export function unpacked(kept: Int16Array | Int8Array, none: number, unit: number): Float32Array {
  const values = new Float32Array(kept.length);
  for (let i = 0; i < values.length; i++) values[i] = kept[i] === none ? NaN : kept[i]! / unit;
  return values;
}

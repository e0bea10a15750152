import type { StretchRule } from '../../../src/domain/raster.js';
import type { Stretch } from '../../../src/raster/stretch.js';

/**
 * Samples that lie this little below the middle between two grey levels go up with those on it, so that
 * rounding in the arithmetic of a calibrated image does not part what was equal in the raw one.
 */
const TIE = Math.SQRT2 * 1e-4;

/** By nearest rank of the finite samples, which are sorted. */
export function stretchOf(samples: Float32Array, rule: StretchRule): Stretch {
  const values = samples.filter(Number.isFinite).sort();
  const at = (percent: number): number => values[Math.round((percent / 100) * (values.length - 1))] ?? 0;
  let [low, high] = [at(rule.low), at(rule.high)];
  if (!(high > low)) [low, high] = [at(0), at(100)];
  return { black: low, white: high + rule.headroom * (high - low) };
}

/**
 * Grey levels of samples: NaN (no data) is 0, -Infinity 1, +Infinity 255. An image of one level is grey.
 *
 * @param out as many bytes as there are samples.
 */
export function applyStretch({ black, white }: Stretch, samples: Float32Array, out: Uint8Array): void {
  const scale = 254 / (white - black);
  const isFlat = !(white > black);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (value !== value) out[i] = 0;
    else if (isFlat && Number.isFinite(value)) out[i] = 128;
    else {
      const level = 1 + Math.floor((value - black) * scale + 0.5 + TIE);
      out[i] = level < 1 ? 1 : level > 255 ? 255 : level;
    }
  }
}

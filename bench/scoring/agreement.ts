import type { TileParts } from '../../src/domain/tile.js';

/** Columns of a score table of the Python side. */
const COLUMNS = 8;

/**
 * Largest difference of each part between ours and a table of the Python side, in units of the part's spread over
 * the tiles (least to most), so that one of 0.01 moves a tile by a hundredth of the whole range.
 *
 * @param scores `count * 8`: l2, mu_norm, bright, bright_peak, lander, small, tracks, cell
 */
export function agreement(
  prefix: string,
  parts: Pick<TileParts, 'l2' | 'muNorm' | 'bright' | 'lander'>,
  scores: Float32Array,
  count: number,
): Record<string, number> {
  const ours = {
    l2: parts.l2,
    mu_norm: parts.muNorm,
    bright: parts.bright,
    lander: Float32Array.from(parts.lander, (value) => value / 1000),
  };
  const column = { l2: 0, mu_norm: 1, bright: 2, lander: 4 };
  return Object.fromEntries(
    Object.entries(ours).map(([name, values]) => {
      let [least, most, worst] = [Infinity, -Infinity, 0];
      for (let i = 0; i < count; i++) {
        const value = values[i]!;
        if (Number.isNaN(value)) continue;
        least = Math.min(least, value);
        most = Math.max(most, value);
        worst = Math.max(worst, Math.abs(value - scores[i * COLUMNS + column[name as keyof typeof column]]!));
      }
      return [`${prefix}_${name}`, worst / Math.max(most - least, Number.EPSILON)];
    }),
  );
}

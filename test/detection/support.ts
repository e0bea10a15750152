import type { TileGrid } from '../../src/domain/tile.js';
import type { TileScores } from '../../src/detection/candidates.js';
import { emptyParts } from '../../src/scoring/strip-job.js';

/** A grid of 64-px tiles every `stride`, the last row and column flush with the border. */
export function gridOf(width: number, height: number, stride = 32, size = 64): TileGrid {
  const positions = (length: number): Int32Array => {
    const out: number[] = [];
    for (let p = 0; p + size < length; p += stride) out.push(p);
    return Int32Array.from([...out, length - size]);
  };
  return { size, xs: positions(width), ys: positions(height) };
}

export interface Planted {
  readonly x: number;
  readonly y: number;
  readonly score: number;
}

/** Tiles that respond to planted points as a scorer would: each tile peaks at the best point well inside it. */
export function respond(grid: TileGrid, planted: readonly Planted[], border = 3) {
  const columns = grid.xs.length;
  const count = columns * grid.ys.length;
  const parts = emptyParts(count);
  parts.tri.fill(1e-4);
  parts.peakX.fill(grid.size >> 1);
  parts.peakY.fill(grid.size >> 1);
  const raw = new Float32Array(count);
  for (let tile = 0; tile < count; tile++) {
    const [x, y] = [grid.xs[tile % columns]!, grid.ys[Math.floor(tile / columns)]!];
    // Plain terrain: a deterministic ripple about zero.
    raw[tile] = Math.sin(12.9898 * tile) * 0.5;
    for (const p of planted) {
      const [px, py] = [p.x - x, p.y - y];
      const held = [px, py].every((d) => d >= border && d < grid.size - border);
      if (!held || p.score <= raw[tile]!) continue;
      raw[tile] = p.score;
      parts.tri[tile] = p.score;
      parts.peakX[tile] = px;
      parts.peakY[tile] = py;
    }
  }
  return { parts, raw };
}

/** Scores with the threshold that a scan would take from them: median + k * 1.4826 MAD. */
export function scoresOf(raw: Float32Array, k = 4): TileScores {
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;
  const real = [...raw].filter((v) => !Number.isNaN(v));
  const centre = median([...real]);
  const mad = median(real.map((v) => Math.abs(v - centre)));
  return {
    raw,
    named: (tiles) => {
      const b = Float32Array.from(tiles, (tile) => raw[tile]!);
      return { b, l2: b.map((v) => 2 * v) };
    },
    statistics: real.length === 0 ? null : { threshold: centre + k * 1.4826 * mad },
  };
}

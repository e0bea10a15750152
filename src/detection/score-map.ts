import type { ScoreMap } from '../domain/scan.js';
import type { TileGrid } from '../domain/tile.js';

/**
 * Highest score per cell of the image: says how high was scored where nothing was reported. A tile counts
 * in every cell that it reaches into, so that no covered cell is empty.
 *
 * @param raw score per tile, row by row; NaN where masked
 * @param cell side of a cell in pixels; cell (0, 0) begins at the image's first pixel
 */
export function scoreMap(grid: TileGrid, raw: Float32Array, cell = 512): ScoreMap {
  const { xs, ys, size } = grid;
  const columns = Math.ceil(((xs.at(-1) ?? 0) + size) / cell);
  const rows = Math.ceil(((ys.at(-1) ?? 0) + size) / cell);
  const values = new Float32Array(columns * rows).fill(NaN);
  ys.forEach((y, row) => {
    xs.forEach((x, column) => {
      const score = raw[row * xs.length + column]!;
      if (Number.isNaN(score)) return;
      for (let r = Math.floor(y / cell); r * cell < y + size; r++) {
        for (let c = Math.floor(x / cell); c * cell < x + size; c++) {
          const before = values[r * columns + c]!;
          if (!(before >= score)) values[r * columns + c] = score;
        }
      }
    });
  });
  return { columns, rows, cell, values };
}

import { describe, expect, it } from 'vitest';
import { scoreMap } from '../../src/detection/score-map.js';
import { gridOf } from './support.js';

describe('the score map', () => {
  it('holds the highest score of each cell, a tile counting wherever it reaches', () => {
    const grid = gridOf(1100, 600);
    const raw = new Float32Array(grid.xs.length * grid.ys.length).fill(1);
    raw[0] = 7;
    raw[Array.from(grid.xs).indexOf(480)] = 5;
    const map = scoreMap(grid, raw);
    expect(map).toMatchObject({ columns: 3, rows: 2, cell: 512 });
    expect([...map.values]).toEqual([7, 5, 1, 1, 1, 1]);
  });

  it('is NaN only where every tile is masked', () => {
    const grid = gridOf(1100, 600);
    const raw = Float32Array.from({ length: grid.xs.length * grid.ys.length }, (_, i) =>
      grid.xs[i % grid.xs.length]! < 512 ? NaN : -2,
    );
    expect([...scoreMap(grid, raw).values]).toEqual([NaN, -2, -2, NaN, -2, -2]);
  });

  it('leaves no cell of a covered image empty, whatever its size', () => {
    for (const [width, height] of [
      [64, 64],
      [513, 1025],
      [1024, 512],
      [4960, 1030],
    ] as const) {
      const grid = gridOf(width, height);
      const map = scoreMap(grid, new Float32Array(grid.xs.length * grid.ys.length));
      expect(map.columns * map.cell).toBeGreaterThanOrEqual(width);
      expect(map.rows * map.cell).toBeGreaterThanOrEqual(height);
      expect(map.values.every((v) => v === 0)).toBe(true);
    }
  });
});

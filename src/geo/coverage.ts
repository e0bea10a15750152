import type { TileGrid } from '../domain/tile.js';
import { traceOutlines, type PixelPolygon } from './trace-outlines.js';

/** Corners that the outlines of one image have at most, before they are laid on the Moon. */
const MOST_CORNERS = 1000;

/**
 * Outlines of what was scanned: pixels that lie in at least one scored tile. Masked parts are cut out, also as
 * holes. Where that takes more than 1,000 corners, blocks of 2, 4, 8 … tile steps count as scanned where at least
 * half of their pixels are, which keeps the area about right.
 *
 * @param isScored of each tile, row by row
 * @returns none where no tile was scored
 */
export function coverageOutlines(
  grid: TileGrid,
  isScored: (tile: number) => boolean,
  mostCorners = MOST_CORNERS,
): PixelPolygon[] {
  const xs = edgesOf(grid.xs, grid.size);
  const ys = edgesOf(grid.ys, grid.size);
  const covered = coveredCells(grid, isScored, xs, ys);
  for (let block = 1; ; block *= 2) {
    const cells = block === 1 ? { xs, ys, covered } : coarsen(xs, ys, covered, block);
    const polygons = traceOutlines(cells.xs, cells.ys, cells.covered);
    const corners = polygons.reduce(
      (sum, { outer, holes }) => sum + outer.length + holes.reduce((n, hole) => n + hole.length, 0),
      0,
    );
    if (corners <= mostCorners || block > Math.max(xs.length, ys.length)) return polygons;
  }
}

/** Where tiles begin or end, ascending. */
function edgesOf(starts: Int32Array, size: number): number[] {
  return [...new Set([...starts].flatMap((start) => [start, start + size]))].sort((a, b) => a - b);
}

/** Of each cell between neighbouring edges, whether a scored tile covers it; row by row. */
function coveredCells(
  { xs: tileXs, ys: tileYs, size }: TileGrid,
  isScored: (tile: number) => boolean,
  xs: readonly number[],
  ys: readonly number[],
): Uint8Array {
  const columns = xs.length - 1;
  const covered = new Uint8Array(columns * (ys.length - 1));
  const spansX = [...tileXs].map((x) => [xs.indexOf(x), xs.indexOf(x + size)] as const);
  const rowOf = new Map(ys.map((y, i) => [y, i]));
  tileYs.forEach((y, row) => {
    const [top, bottom] = [rowOf.get(y) ?? 0, rowOf.get(y + size) ?? 0];
    spansX.forEach(([left, right], column) => {
      if (!isScored(row * tileXs.length + column)) return;
      for (let r = top; r < bottom; r++) covered.fill(1, r * columns + left, r * columns + right);
    });
  });
  return covered;
}

/** Blocks of cells, covered where at least half of their pixels are. */
function coarsen(xs: readonly number[], ys: readonly number[], covered: Uint8Array, block: number) {
  const every = (edges: readonly number[]) =>
    edges.filter((_, i) => i % block === 0 || i === edges.length - 1);
  const [coarseXs, coarseYs] = [every(xs), every(ys)];
  const [columns, coarseColumns] = [xs.length - 1, coarseXs.length - 1];
  const pixels = new Float64Array(coarseColumns * (coarseYs.length - 1));
  for (let r = 0; r + 1 < ys.length; r++) {
    for (let c = 0; c < columns; c++) {
      if (covered[r * columns + c] !== 1) continue;
      const at = Math.floor(r / block) * coarseColumns + Math.floor(c / block);
      pixels[at]! += (xs[c + 1]! - xs[c]!) * (ys[r + 1]! - ys[r]!);
    }
  }
  const coarse = Uint8Array.from(pixels, (count, i) => {
    const [r, c] = [Math.floor(i / coarseColumns), i % coarseColumns];
    const area = (coarseXs[c + 1]! - coarseXs[c]!) * (coarseYs[r + 1]! - coarseYs[r]!);
    return 2 * count >= area ? 1 : 0;
  });
  return { xs: coarseXs, ys: coarseYs, covered: coarse };
}

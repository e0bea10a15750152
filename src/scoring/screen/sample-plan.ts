import type { TileGrid } from '../../domain/tile.js';

/** Tiles whose scores an image's statistics are taken from; images with fewer give all of theirs. */
export const SAMPLE_TILES = 4000;

/** How the sample lies on a grid of tiles: by place alone, so that it never depends on how an image is cut or scored. */
export interface SamplePlan {
  readonly columns: number;
  readonly rows: number;
  /** Tiles wanted of the whole grid. */
  readonly tiles: number;
}

/** @returns null where every tile is taken. */
export function planSample({ xs, ys }: TileGrid, tiles = SAMPLE_TILES): SamplePlan | null {
  if (xs.length * ys.length < tiles) return null;
  return { columns: xs.length, rows: ys.length, tiles };
}

/**
 * Columns of the sampled tiles in one row. The row's share of the sample is drawn from as many equal runs of
 * columns: of each the first tile that is not masked, from a fixed place in the run on.
 *
 * @param isScored whether a column's tile is not masked
 */
export function sampleRow(
  { columns, rows, tiles }: SamplePlan,
  row: number,
  isScored: (column: number) => boolean,
): number[] {
  const runs = Math.min(columns, share(tiles, row + 1, rows) - share(tiles, row, rows));
  const chosen: number[] = [];
  for (let run = 0; run < runs; run++) {
    const from = share(columns, run, runs);
    const length = share(columns, run + 1, runs) - from;
    const start = mix(row, run) % length;
    for (let step = 0; step < length; step++) {
      const column = from + ((start + step) % length);
      if (!isScored(column)) continue;
      chosen.push(column);
      break;
    }
  }
  return chosen;
}

/**
 * Tiles that fill up a sample which masks have left too small: even over the unmasked ones in reading order.
 *
 * @param isScored whether a tile is not masked. @param isSampled whether it is in the sample already
 * @returns ascending
 */
export function fillSample(
  { columns, rows, tiles }: SamplePlan,
  isScored: (tile: number) => boolean,
  isSampled: (tile: number) => boolean,
): number[] {
  const left: number[] = [];
  let sampled = 0;
  for (let tile = 0; tile < columns * rows; tile++) {
    if (!isScored(tile)) continue;
    if (isSampled(tile)) sampled++;
    else left.push(tile);
  }
  const wanted = Math.min(Math.max(tiles - sampled, 0), left.length);
  return Array.from({ length: wanted }, (_, i) => left[share(left.length, i, wanted)]!);
}

/** The first `part` of `parts` equal parts of a whole number. */
function share(whole: number, part: number, parts: number): number {
  return Math.floor((whole * part) / parts);
}

/** A fixed number for two, without a pattern that terrain could have. */
function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

import type { TileGrid, TileParts } from '../domain/tile.js';
import { bestFirst } from './candidates.js';
import type { ObjectOptions } from './find-objects.js';
import { mergeTiles, neighbours, peakOf, type Pixel } from './merge.js';

/** What is known of tiles before all of them are scored in fp32. Arrays run row by row over the grid. */
export interface OpenScores {
  /** 1 where the tile is scored in fp32: then `lo` and `hi` are its score and its peak is final. */
  readonly confirmed: Uint8Array;
  /** Between which values the score lies; NaN where a tile is masked. */
  readonly lo: Float32Array;
  readonly hi: Float32Array;
  /** 1 where the peak may lie anywhere in `places` instead of where the parts have it. */
  readonly mayMove: Uint8Array;
  /** From which pixel of a tile to which such a peak may lie. */
  readonly places: { readonly from: number; readonly to: number };
  /** Score from which a tile is a candidate; null where all is masked. */
  readonly threshold: number | null;
}

/**
 * Tiles that must be scored in fp32 next, so that the image's objects become those of a scan in which all are:
 * call again with what they gave, until there are none. Then the objects of the confirmed candidates alone are,
 * to the last of the budget, the same.
 *
 * First come tiles that could be the best of an object within the budget, from the highest bound down; when there
 * are none, those that could be joined to an object within it. An object that nothing open can be joined to is
 * final, and where the whole budget is filled by such objects, with no open tile that could reach the last of
 * them, nothing else can come in.
 *
 * @param most tiles given at a time, where the order matters
 * @returns ascending
 */
export function tilesToConfirm(
  grid: TileGrid,
  parts: Pick<TileParts, 'tri' | 'peakX' | 'peakY'>,
  scores: OpenScores,
  o: ObjectOptions,
  most: number,
): number[] {
  const { threshold, confirmed, lo, hi } = scores;
  if (threshold === null || o.budget < 1) return [];
  const candidates: number[] = [];
  let open = 0;
  for (let tile = 0; tile < hi.length; tile++) {
    if (!(hi[tile]! >= threshold)) continue;
    if (confirmed[tile] === 0) open++;
    else candidates.push(tile);
  }
  if (open === 0) return [];
  const objects = bestObjects(grid, parts, candidates, lo, o);
  const last = objects.length < o.budget ? null : objects[o.budget - 1]!.best;
  const reach = last === null ? threshold : lo[last]!;
  const rivals = highestOpen(scores, Math.max(threshold, reach), most, open);
  if (rivals.length > 0) return rivals;
  const isOpen = (tile: number): boolean => confirmed[tile] === 0 && hi[tile]! >= threshold;
  return joinable(grid, parts, scores, o, isOpen, objects.slice(0, o.budget));
}

/**
 * Of the open tiles that reach a score those with the highest bounds, of equal ones the first. Nearly all tiles of an
 * image may be open: they are not sorted with their numbers, only their bounds are.
 *
 * @param room tiles that there can be. @returns ascending, `most` at most
 */
function highestOpen({ confirmed, hi }: OpenScores, reach: number, most: number, room: number): number[] {
  const bounds = new Float32Array(room);
  let count = 0;
  for (let tile = 0; tile < hi.length; tile++)
    if (confirmed[tile] === 0 && hi[tile]! >= reach) bounds[count++] = hi[tile]!;
  const least = count <= most ? reach : bounds.subarray(0, count).sort()[count - most]!;
  const above: number[] = [];
  const equal: number[] = [];
  for (let tile = 0; tile < hi.length; tile++) {
    if (confirmed[tile] !== 0 || !(hi[tile]! >= least)) continue;
    if (hi[tile]! > least || count <= most) above.push(tile);
    else if (equal.length < most) equal.push(tile);
  }
  return [...above, ...equal.slice(0, most - above.length)].sort((a, b) => a - b);
}

interface OpenObject {
  readonly best: number;
  readonly tiles: readonly number[];
}

function bestObjects(
  grid: TileGrid,
  parts: Pick<TileParts, 'tri' | 'peakX' | 'peakY'>,
  candidates: readonly number[],
  raw: Float32Array,
  o: ObjectOptions,
): OpenObject[] {
  const order = bestFirst(parts, raw);
  return mergeTiles(grid, parts, candidates, o.mergeRadiusPx)
    .map((tiles) => ({ best: tiles.reduce((a, b) => (order(b, a) < 0 ? b : a)), tiles }))
    .sort((a, b) => order(a.best, b.best));
}

/** Open tiles beside the objects whose peaks may be near enough to be joined to them. */
function joinable(
  grid: TileGrid,
  parts: Pick<TileParts, 'peakX' | 'peakY'>,
  scores: OpenScores,
  o: ObjectOptions,
  isOpen: (tile: number) => boolean,
  objects: readonly OpenObject[],
): number[] {
  const found = new Set<number>();
  for (const tile of objects.flatMap(({ tiles }) => tiles)) {
    const peak = peakOf(grid, parts, tile);
    for (const other of neighbours(grid, tile)) {
      if (!isOpen(other) || found.has(other)) continue;
      if (nearestPeak(grid, parts, scores, other, peak) <= o.mergeRadiusPx) found.add(other);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** How near a tile's peak may lie to a place, px. */
function nearestPeak(
  grid: TileGrid,
  parts: Pick<TileParts, 'peakX' | 'peakY'>,
  { mayMove, places }: OpenScores,
  tile: number,
  place: Pixel,
): number {
  const { x, y } = peakOf(grid, parts, tile);
  const asItIs = Math.hypot(x - place.x, y - place.y);
  if (mayMove[tile] === 0) return asItIs;
  const columns = grid.xs.length;
  const across = outside(place.x - grid.xs[tile % columns]!, places);
  const down = outside(place.y - grid.ys[Math.floor(tile / columns)]!, places);
  return Math.min(asItIs, Math.hypot(across, down));
}

/** How far a coordinate lies outside an interval. */
function outside(at: number, { from, to }: { readonly from: number; readonly to: number }): number {
  return Math.max(from - at, at - to, 0);
}

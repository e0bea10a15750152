import type { TileGrid, TileParts } from '../domain/tile.js';

/** A pixel of the image, its upper-left corner. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** Where a tile's response peaks, in the image. @param tile row-major index in the grid */
export function peakOf(grid: TileGrid, parts: Pick<TileParts, 'peakX' | 'peakY'>, tile: number): Pixel {
  const columns = grid.xs.length;
  return {
    x: grid.xs[tile % columns]! + parts.peakX[tile]!,
    y: grid.ys[Math.floor(tile / columns)]! + parts.peakY[tile]!,
  };
}

/**
 * Groups candidate tiles that see the same thing: tiles that overlap or touch and whose peaks lie within
 * `radiusPx` of each other, and whatever these are joined to. Neighbours with peaks of their own stay apart,
 * so that a boulder field does not become one blob.
 *
 * @param tiles distinct row-major indices in any order; the groups do not depend on it.
 * @returns groups of tile indices, each ascending, by their first tile.
 */
export function mergeTiles(
  grid: TileGrid,
  parts: Pick<TileParts, 'peakX' | 'peakY'>,
  tiles: readonly number[],
  radiusPx: number,
): number[][] {
  const columns = grid.xs.length;
  const ascending = [...tiles].sort((a, b) => a - b);
  const places = new Map(ascending.map((tile, place) => [tile, place]));
  const sets = new DisjointSets(ascending.length);
  ascending.forEach((tile, place) => {
    const peak = peakOf(grid, parts, tile);
    for (const neighbour of laterNeighbours(grid, tile % columns, Math.floor(tile / columns))) {
      const other = places.get(neighbour);
      if (other === undefined) continue;
      const { x, y } = peakOf(grid, parts, neighbour);
      if (Math.hypot(x - peak.x, y - peak.y) <= radiusPx) sets.join(place, other);
    }
  });
  const groups = new Map<number, number[]>();
  ascending.forEach((tile, place) => {
    const root = sets.rootOf(place);
    const group = groups.get(root);
    if (group) group.push(tile);
    else groups.set(root, [tile]);
  });
  return [...groups.values()];
}

/** Tiles after (column, row) in reading order that overlap or touch it; flush ones need no special case. */
function* laterNeighbours({ xs, ys, size }: TileGrid, column: number, row: number): Generator<number> {
  for (let r = row; r < ys.length && ys[r]! - ys[row]! <= size; r++) {
    const isNear = (c: number) => c >= 0 && c < xs.length && Math.abs(xs[c]! - xs[column]!) <= size;
    for (let c = column + 1; isNear(c); c++) yield r * xs.length + c;
    if (r === row) continue;
    for (let c = column; isNear(c); c--) yield r * xs.length + c;
  }
}

/** All tiles that overlap or touch one. @param tile row-major index in the grid */
export function* neighbours({ xs, ys, size }: TileGrid, tile: number): Generator<number> {
  const columns = xs.length;
  const column = tile % columns;
  const row = Math.floor(tile / columns);
  const isNear = (places: Int32Array, a: number, b: number) =>
    a >= 0 && a < places.length && Math.abs(places[a]! - places[b]!) <= size;
  let [top, left] = [row, column];
  while (isNear(ys, top - 1, row)) top--;
  while (isNear(xs, left - 1, column)) left--;
  for (let r = top; isNear(ys, r, row); r++)
    for (let c = left; isNear(xs, c, column); c++) if (r !== row || c !== column) yield r * columns + c;
}

class DisjointSets {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, i) => i);
  }

  rootOf(item: number): number {
    let root = item;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    for (let i = item; i !== root;) {
      const next = this.#parent[i]!;
      this.#parent[i] = root;
      i = next;
    }
    return root;
  }

  /** The smaller index becomes the root, whatever the order of joining. */
  join(a: number, b: number): void {
    const [p, q] = [this.rootOf(a), this.rootOf(b)];
    this.#parent[Math.max(p, q)] = Math.min(p, q);
  }
}

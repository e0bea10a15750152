import type { TileGrid, TileParts } from '../domain/tile.js';

/** A place in an image where something unusual may be: what several overlapping tiles see of one thing. */
export interface Sighting {
  /** Pixel in the image. */
  readonly x: number;
  readonly y: number;
  /** Expected number of true anomalies there, of the tile that sees it best. */
  readonly worth: number;
  /** That tile, and all tiles that show the place; indices in the grid. */
  readonly best: number;
  readonly shownBy: readonly number[];
}

export interface SightingOptions {
  /** Peaks of tiles that lie this near are one thing, pixels. */
  readonly mergeRadiusPx: number;
  /** A tile shows a place that lies this far inside, pixels, where any tile does. */
  readonly inside: number;
}

/**
 * Gathers the tiles of an image into the things that they see. Tiles are taken by worth; each one's peak joins a
 * thing that lies near or is a new one.
 * @param worth of each tile; those of 0 see nothing
 */
export function findSightings(
  grid: TileGrid,
  parts: Pick<TileParts, 'peakX' | 'peakY'>,
  worth: Float64Array,
  { mergeRadiusPx, inside }: SightingOptions,
): Sighting[] {
  const columns = grid.xs.length;
  const tiles = Array.from(worth.keys()).filter((tile) => worth[tile]! > 0);
  tiles.sort((a, b) => worth[b]! - worth[a]! || a - b);
  const near = new NearPlaces(mergeRadiusPx);
  const sightings: Sighting[] = [];
  for (const best of tiles) {
    const x = grid.xs[best % columns]! + parts.peakX[best]!;
    const y = grid.ys[Math.floor(best / columns)]! + parts.peakY[best]!;
    if (near.has(x, y)) continue;
    near.add(x, y);
    const well = tilesAt(grid, x, y, inside);
    sightings.push({
      x,
      y,
      worth: worth[best]!,
      best,
      shownBy: well.length > 0 ? well : tilesAt(grid, x, y, 0),
    });
  }
  return sightings;
}

/** Tiles that hold a pixel at least `inside` pixels from their sides. */
function tilesAt({ xs, ys, size }: TileGrid, x: number, y: number, inside: number): number[] {
  const rows = holding(ys, y, size, inside);
  const columns = holding(xs, x, size, inside);
  return rows.flatMap((row) => columns.map((column) => row * xs.length + column));
}

/** Indices of the ascending `starts` for which `start + inside <= at < start + size - inside`. */
function holding(starts: Int32Array, at: number, size: number, inside: number): number[] {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= at - size + inside) low = middle + 1;
    else high = middle;
  }
  const found: number[] = [];
  for (let i = low; i < starts.length && starts[i]! + inside <= at; i++) found.push(i);
  return found;
}

/** Places by square cells of the radius: what is near lies in the same cell or a neighbour of it. */
class NearPlaces {
  readonly #radius: number;
  readonly #cells = new Map<string, { x: number; y: number }[]>();

  constructor(radius: number) {
    this.#radius = Math.max(radius, 1);
  }

  has(x: number, y: number): boolean {
    const [column, row] = [Math.floor(x / this.#radius), Math.floor(y / this.#radius)];
    for (let r = row - 1; r <= row + 1; r++)
      for (let c = column - 1; c <= column + 1; c++)
        for (const place of this.#cells.get(`${c},${r}`) ?? [])
          if (Math.hypot(place.x - x, place.y - y) <= this.#radius) return true;
    return false;
  }

  add(x: number, y: number): void {
    const key = `${Math.floor(x / this.#radius)},${Math.floor(y / this.#radius)}`;
    const cell = this.#cells.get(key) ?? [];
    cell.push({ x, y });
    this.#cells.set(key, cell);
  }
}

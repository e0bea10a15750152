import type { TileGrid } from '../domain/tile.js';
import type { Label } from './labels.js';

/** What a tile counts as. */
export const TILE_ROLES = ['plain', 'edge', 'positive'] as const;
export type TileRole = (typeof TILE_ROLES)[number];

export interface TileAssignment {
  /** Index into TILE_ROLES of each tile, row by row over the grid. */
  readonly role: Uint8Array;
  /** For each label the tiles that it makes positive, ascending. */
  readonly tilesOf: readonly (readonly number[])[];
}

const EDGE = TILE_ROLES.indexOf('edge');
const POSITIVE = TILE_ROLES.indexOf('positive');

/**
 * Tells which tiles of an image are positive: those that hold a label's point, or the centre of its box, at
 * least `inside` pixels from every side. A tile that the object only touches near its side is neither positive
 * nor without artefact (the paper, section 2.3: negatives are "all image samples with no known human-made
 * artifacts"): it is an `edge` and is left out.
 *
 * @param inside pixels, 0 to less than half a tile
 */
export function assignTiles(grid: TileGrid, labels: readonly Label[], inside: number): TileAssignment {
  const { size, xs, ys } = grid;
  const role = new Uint8Array(xs.length * ys.length);
  const tilesOf = labels.map((label) => {
    const tiles: number[] = [];
    ys.forEach((y, row) => {
      if (label.box.y1 < y || label.box.y0 >= y + size) return;
      xs.forEach((x, column) => {
        if (label.box.x1 < x || label.box.x0 >= x + size) return;
        const tile = row * xs.length + column;
        const holds = within(label.x, x, size, inside) && within(label.y, y, size, inside);
        if (holds) tiles.push(tile);
        role[tile] = Math.max(role[tile]!, holds ? POSITIVE : EDGE);
      });
    });
    return tiles;
  });
  return { role, tilesOf };
}

function within(at: number, start: number, size: number, inside: number): boolean {
  return at >= start + inside && at < start + size - inside;
}

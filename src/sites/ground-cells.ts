import type { LonLat } from '../domain/geometry.js';
import { DEGREE, normaliseLon, toLonLat, toVector } from '../geo/sphere.js';
import type { PlaceLattice } from '../domain/overview.js';

/**
 * A grid of cells of like area that bounds what a build of the sites looks at: bands of a quarter of a degree, each
 * cut into as many columns as keep a cell about 7.6 km wide. The number of a cell is 1440 * band + column.
 */
const BANDS_A_DEGREE = 4;
const BANDS = 180 * BANDS_A_DEGREE;
const NUMBERS = 360 * BANDS_A_DEGREE;
/** Between two places of a footprint that are looked up, and beyond its edge, degrees of a great circle: 1 km. */
const STEP_DEG = 0.033;

function columnsOf(band: number): number {
  const middle = (band + 0.5) / BANDS_A_DEGREE - 90;
  return Math.max(3, Math.round(NUMBERS * Math.cos(middle * DEGREE)));
}

/** Number of the cell that holds a place. */
export function groundCell({ lon, lat }: LonLat): number {
  const band = Math.min(BANDS - 1, Math.max(0, Math.floor((lat + 90) * BANDS_A_DEGREE)));
  const columns = columnsOf(band);
  const column = Math.min(columns - 1, Math.floor(((normaliseLon(lon) + 180) / 360) * columns));
  return NUMBERS * band + column;
}

/** The middle of a cell. */
export function cellCentre(cell: number): LonLat {
  const band = Math.floor(cell / NUMBERS);
  const column = cell % NUMBERS;
  return {
    lon: -180 + (360 * (column + 0.5)) / columnsOf(band),
    lat: (band + 0.5) / BANDS_A_DEGREE - 90,
  };
}

/** The cells with those around them: all that holds a place within half a cell's width of them, and some more. */
export function withNeighbours(cells: Iterable<number>): Set<number> {
  const all = new Set<number>();
  for (const cell of cells) {
    all.add(cell);
    const band = Math.floor(cell / NUMBERS);
    const columns = columnsOf(band);
    const column = cell % NUMBERS;
    const [west, east] = [column / columns, (column + 1) / columns];
    for (const other of [band - 1, band, band + 1]) {
      if (other < 0 || other >= BANDS) {
        // Across the pole lie all cells of the band at it.
        for (let i = 0; i < columns; i++) all.add(NUMBERS * band + i);
        continue;
      }
      const count = columnsOf(other);
      const from = Math.floor(west * count) - 1;
      const to = Math.ceil(east * count);
      for (let i = from; i <= to; i++) all.add(NUMBERS * other + ((i + count) % count));
    }
  }
  return all;
}

/** Cells that a footprint reaches into, or comes within 1 km of, ascending. */
export function footprintCells({ columns, rows, places }: PlaceLattice): number[] {
  const cells = new Set<number>();
  const vectors = places.map(toVector);
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const first = row * columns + column;
      const corners = [
        vectors[first]!,
        vectors[first + 1]!,
        vectors[first + columns]!,
        vectors[first + columns + 1]!,
      ];
      const across = steps(corners[0]!, corners[1]!);
      const along = steps(corners[0]!, corners[2]!);
      // One step beyond each edge, so that an image whose place is off by a little is still in its cells.
      for (let i = -1; i <= along + 1; i++) {
        for (let j = -1; j <= across + 1; j++) {
          const [s, t] = [j / across, i / along];
          const mix = (axis: 0 | 1 | 2) =>
            (1 - t) * ((1 - s) * corners[0]![axis] + s * corners[1]![axis]) +
            t * ((1 - s) * corners[2]![axis] + s * corners[3]![axis]);
          cells.add(groundCell(toLonLat([mix(0), mix(1), mix(2)])));
        }
      }
    }
  }
  return [...cells].sort((a, b) => a - b);
}

function steps(a: readonly number[], b: readonly number[]): number {
  const chord = Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);
  return Math.max(1, Math.ceil(chord / (STEP_DEG * DEGREE)));
}

import type { GroundModel } from '../domain/geometry.js';
import type { PlaceLattice } from '../domain/overview.js';

/** Nodes of a lattice: bilinear in between they are within a metre of the ground model on the sphere. */
const COLUMNS = 3;
const ROWS = 17;

/** Places of an image's pixels at regular nodes, with the 95 % radii at its four corners in the order of `CORNER_NAMES`. */
export function placeLattice(
  model: Pick<GroundModel, 'locate'>,
  samples: number,
  lines: number,
): { lattice: PlaceLattice; cornersUncertaintyM: number[] } {
  const points = Array.from({ length: COLUMNS * ROWS }, (_, i) =>
    model.locate({
      sample: 0.5 + ((i % COLUMNS) / (COLUMNS - 1)) * (samples - 1),
      line: 0.5 + (Math.floor(i / COLUMNS) / (ROWS - 1)) * (lines - 1),
    }),
  );
  const last = COLUMNS * (ROWS - 1);
  return {
    lattice: { columns: COLUMNS, rows: ROWS, places: points.map(({ lon, lat }) => ({ lon, lat })) },
    cornersUncertaintyM: [0, COLUMNS - 1, last + COLUMNS - 1, last].map((i) => points[i]!.uncertaintyM),
  };
}

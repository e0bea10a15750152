import { InvalidProductError } from '../domain/errors.js';
import type { ScanOverview } from '../domain/overview.js';
import { createCornerModel } from '../geo/corner-model.js';
import { placeLattice } from '../geo/place-lattice.js';
import { footprintCells } from '../sites/ground-cells.js';
import type { Database } from '../store/database.js';
import { bareGeometry, type BareGeometry } from '../store/queries/bare-geometry.js';
import { putOverview } from '../store/queries/put-overview.js';
import { INDEX_ROUNDING_DEG } from './product-geometry.js';

/** Of an overview without pixels. */
const CELL = 64;

/**
 * Scans that were committed before overviews were kept have one made of their index rows: it tells where they lie,
 * not how the ground looked or scored.
 */
export async function putBareOverviews(db: Database, scanIds: readonly number[]): Promise<void> {
  for (const geometry of await bareGeometry(db, scanIds)) {
    const overview = bareOverview(geometry);
    if (overview === null) continue;
    await db.transaction((tx) =>
      putOverview(tx, geometry.scanId, overview, footprintCells(overview.lattice)),
    );
  }
}

/** Null where the row's corners are no use. */
function bareOverview(geometry: BareGeometry): ScanOverview | null {
  const { samples, lines, emissionDeg, corners } = geometry;
  try {
    const model = createCornerModel({
      corners,
      samples,
      lines,
      emissionDeg,
      subSolar: { lon: 0, lat: 0 },
      incidenceDeg: 0,
      cornerRoundingDeg: INDEX_ROUNDING_DEG,
    });
    return {
      samples,
      lines,
      columns: Math.ceil(samples / CELL),
      rows: Math.ceil(lines / CELL),
      cell: CELL,
      grey: null,
      scores: null,
      ...placeLattice(model, samples, lines),
    };
  } catch (error) {
    if (error instanceof InvalidProductError) return null;
    throw error;
  }
}

import type { CoverageQuestion, CoverageResult } from '../../domain/results.js';
import { Conditions } from '../conditions.js';
import type { Queryable } from '../database.js';

/** Ground of the current scans of the active model, the latest scan first. */
export async function findCoverage(db: Queryable, wanted: CoverageQuestion): Promise<CoverageResult[]> {
  const conditions = new Conditions();
  if (wanted.bbox !== undefined) conditions.whereInBox('geom', wanted.bbox);
  return db.query<CoverageResult>(
    `SELECT id, product_id, image_id, observed_at, scanned_at, tiles, tiles_scored, incidence_deg, resolution_m,
       seconds,
       (SELECT count(*) FROM selenoscan_data.detection WHERE scan_id = coverage.id AND is_current) AS detections,
       ST_AsGeoJSON(geom, 6, 0)::jsonb AS geometry
     FROM selenoscan.coverage ${conditions.sql()}
     ORDER BY scanned_at DESC, id DESC LIMIT ${conditions.add(wanted.limit)}`,
    conditions.parameters,
  );
}

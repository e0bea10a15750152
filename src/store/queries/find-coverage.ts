import type { MultiPolygon } from '../../domain/geometry.js';
import { Conditions, type LonLatBox } from '../conditions.js';
import type { Queryable } from '../database.js';

export interface FoundCoverage {
  readonly id: number;
  readonly product_id: string;
  readonly image_id: string;
  readonly observed_at: Date;
  readonly scanned_at: Date;
  readonly tiles: number;
  readonly tiles_scored: number;
  readonly incidence_deg: number | null;
  readonly resolution_m: number | null;
  readonly seconds: number;
  readonly detections: number;
  readonly geometry: MultiPolygon | null;
}

/** Ground of the current scans of the active model, the latest scan first. */
export async function findCoverage(
  db: Queryable,
  wanted: { readonly bbox?: LonLatBox | undefined; readonly limit: number },
): Promise<FoundCoverage[]> {
  const conditions = new Conditions();
  if (wanted.bbox !== undefined) conditions.whereInBox('geom', wanted.bbox);
  return db.query<FoundCoverage>(
    `SELECT id, product_id, image_id, observed_at, scanned_at, tiles, tiles_scored, incidence_deg, resolution_m,
       seconds,
       (SELECT count(*) FROM selenoscan_data.detection WHERE scan_id = coverage.id AND is_current) AS detections,
       ST_AsGeoJSON(geom, 6, 0)::jsonb AS geometry
     FROM selenoscan.coverage ${conditions.sql()}
     ORDER BY scanned_at DESC, id DESC LIMIT ${conditions.add(wanted.limit)}`,
    conditions.parameters,
  );
}

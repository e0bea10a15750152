import type { DetectionResult } from '../../domain/results.js';
import type { Queryable } from '../database.js';

/** One row of the view `selenoscan.detections`; `geom` is a GeoJSON point. */
export interface DetectionRow extends Omit<DetectionResult, 'reviewer' | 'reviewed_at' | 'learned'> {
  readonly geom: { readonly type: 'Point'; readonly coordinates: readonly [number, number] } | null;
  readonly chip_url: string;
}

export interface DetectionFilter {
  readonly limit: number;
  readonly minScore?: number;
  readonly productId?: string;
}

/** Current detections of the active model, the highest score first. */
export async function listDetections(db: Queryable, filter: DetectionFilter): Promise<DetectionRow[]> {
  const rows = await db.query<{ row: DetectionRow; observed_at: Date; scanned_at: Date }>(
    `SELECT to_jsonb(detections) || jsonb_build_object('geom', ST_AsGeoJSON(geom, 9, 0)::jsonb) AS row,
       observed_at, scanned_at
     FROM selenoscan.detections
     WHERE ($2::double precision IS NULL OR score >= $2) AND ($3::text IS NULL OR product_id = $3)
     ORDER BY score DESC, id LIMIT $1`,
    [filter.limit, filter.minScore ?? null, filter.productId ?? null],
  );
  return rows.map(({ row, observed_at, scanned_at }) => ({ ...row, observed_at, scanned_at }));
}

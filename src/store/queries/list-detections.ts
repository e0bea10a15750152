import type { Queryable } from '../database.js';

/** One row of the view `selenoscan.detections`; `geom` is a GeoJSON point. */
export interface DetectionRow {
  readonly id: number;
  readonly product_id: string;
  readonly product_version: string;
  readonly image_id: string;
  readonly observed_at: Date;
  readonly scanned_at: Date;
  readonly score: number;
  readonly score_raw: number;
  readonly scores: Record<string, number>;
  readonly rank_in_image: number;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly uncertainty_m: number | null;
  readonly geom: { readonly type: 'Point'; readonly coordinates: readonly [number, number] } | null;
  readonly line: number;
  readonly sample: number;
  readonly width_m: number | null;
  readonly height_m: number | null;
  readonly incidence_deg: number | null;
  readonly emission_deg: number | null;
  readonly phase_deg: number | null;
  readonly sun_azimuth_deg: number | null;
  readonly resolution_m: number | null;
  readonly model_id: string;
  readonly code_version: string;
  readonly source_url: string;
  readonly source_checksum: string;
  readonly site_id: number | null;
  readonly site_status: string | null;
  readonly known_object: string | null;
  readonly known_object_distance_m: number | null;
  readonly nearest_feature: string | null;
  readonly review: string | null;
  readonly product_url: string;
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

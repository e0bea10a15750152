import type { MultiPolygon } from '../../domain/geometry.js';

/** A scan of the view `selenoscan.coverage`, with the product's facts that views do not show. */
export interface ScanRow {
  readonly id: number;
  readonly product_id: string;
  readonly product_version: string | null;
  readonly image_id: string;
  readonly observed_at: Date;
  readonly stop_time: Date | null;
  readonly scanned_at: Date;
  readonly geometry: MultiPolygon | null;
  readonly tiles: number | null;
  readonly tiles_scored: number | null;
  readonly incidence_deg: number | null;
  readonly emission_deg: number | null;
  readonly phase_deg: number | null;
  readonly resolution_m: number | null;
  readonly model_id: string;
  readonly code_version: string;
  readonly config_hash: string | null;
  readonly engine: string | null;
  readonly device: string | null;
  readonly source_url: string | null;
  readonly source_checksum: string | null;
  readonly source_bytes: number | null;
  readonly ground_model: string | null;
  readonly lines: number | null;
  readonly samples: number | null;
  readonly orbit: number | null;
  readonly frame: string | null;
  readonly data_set_id: string | null;
  readonly volume_id: string | null;
  readonly sub_solar_lon: number | null;
  readonly sub_solar_lat: number | null;
  readonly center_lon: number | null;
  readonly center_lat: number | null;
  readonly spacecraft_altitude_km: number | null;
}

/** @param selected `FROM selenoscan.coverage … WHERE …` */
export function scanSql(selected: string): string {
  return `
    SELECT c.id, c.product_id, c.product_version, c.image_id, c.observed_at, p.stop_time, c.scanned_at,
      ST_AsGeoJSON(ST_ForcePolygonCCW(c.geom), 9, 0)::jsonb AS geometry, c.tiles, c.tiles_scored,
      c.incidence_deg, c.emission_deg, p.phase_deg, c.resolution_m, c.model_id, c.code_version, c.config_hash,
      c.engine, c.device, c.source_url, c.source_checksum, s.source_bytes, c.ground_model,
      p.lines, p.samples, p.orbit, p.frame, p.data_set_id, p.volume_id,
      p.sub_solar_lon, p.sub_solar_lat, p.center_lon, p.center_lat, p.spacecraft_altitude_km
    FROM (SELECT * ${selected}) c
    LEFT JOIN selenoscan_data.scan s ON s.id = c.id
    LEFT JOIN selenoscan_data.product p ON p.id = s.product_pk
    ORDER BY c.id`;
}

import type { Database } from '../../src/store/database.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { registerModel } from '../../src/store/queries/register-model.js';

export const SYNTHETIC_MODEL = 'synthetic@0123456789ab';

/** Detections of one synthetic image. */
export const PER_IMAGE = 50;

/**
 * Fills a database with synthetic scans, made within it: images spread evenly over the sphere, 50 detections each,
 * with outlines, sites of every tenth, verdicts and known objects here and there. Of each image the ground lies
 * around it; those at the antimeridian are split there.
 */
export async function fillSynthetic(db: Database, images: number): Promise<void> {
  const modelId = SYNTHETIC_MODEL;
  await registerModel(db, { id: modelId, manifest: { name: 'synthetic' }, calibration: {} });
  await activateModel(db, modelId);
  await db.query(`INSERT INTO selenoscan_data.known_object (name, kind, lon, lat, uncertainty_m, arrived_on, source)
    VALUES ('Apollo 11 LM', 'lander', 23.4731, 0.6741, 10, '1969-07-20', 'LROC'),
      ('Chang''e 4, "Yutu-2"', 'rover', 177.5991, -45.4446, 20, '2019-01-03', 'CNSA') ON CONFLICT DO NOTHING`);
  for (const statement of [PRODUCTS, SCANS, DETECTIONS, SITES]) await db.query(statement, [images, modelId]);
  await db.query('ANALYZE');
}

const PRODUCTS = `
  INSERT INTO selenoscan_data.product (product_id, version, row_hash, image_id, data_set_id, volume_id,
    file_specification, frame, start_time, stop_time, orbit, lines, samples, resolution_m, incidence_deg, emission_deg,
    phase_deg, sub_solar_lon, sub_solar_lat, center_lon, center_lat, spacecraft_altitude_km, flight_direction)
  SELECT 'M' || (1400000000 + i) || 'LC', 'v1.0', 'row ' || i, 'M' || (1400000000 + i) || 'L', 'LRO-L-LROC-3-CDR-V1.0',
    'LROLRC_1067A', 'DATA/M' || i || '.IMG', 'LEFT', '2026-01-01T00:00:00.125Z'::timestamptz + i * interval '1 hour',
    '2026-01-01T00:00:30Z'::timestamptz + i * interval '1 hour', i, 52224, 5064, 0.5 + (i % 15) / 10.0, (i * 7) % 90,
    (i % 30) / 2.0, 40, 20, 0.5, ((i * 137.50776405) - 360 * floor((i * 137.50776405) / 360)) - 180,
    degrees(asin(1 - 2 * (i - 0.5) / $1::integer)), 100, '+X'
  FROM generate_series(1, $1::integer) i WHERE $2::text IS NOT NULL`;

const SCANS = `
  INSERT INTO selenoscan_data.scan (product_pk, image_id, model_id, state, lane, finished_at, first_scanned_at, is_current,
    engine, device, code_version, config_hash, source_url, source_checksum, source_bytes, ground_model, tiles, masked,
    statistics, coverage, seconds)
  SELECT p.id, p.image_id, $2, 'scanned', 'live', now(), now(), true, 'onnxruntime 1.30.0', 'cpu', '0.1.0', 'abc',
    'http://127.0.0.1:1/' || p.product_id || '_pyr.tif',
    CASE WHEN p.id % 2 = 0 THEN 'sha256:' || repeat('0a', 32) ELSE 'md5:' || repeat('0b', 16) END, 37480731, 'corners',
    100, '{"scored": 90, "shadow": 10}', '{"max": 1.25}',
    ST_Multi(ST_WrapX(ST_MakeEnvelope(x - 0.5, greatest(p.center_lat - 0.5, -90), x + 0.5, least(p.center_lat + 0.5, 90),
      30100), 180, -360)), 12.5
  FROM selenoscan_data.product p,
    LATERAL (SELECT CASE WHEN p.center_lon < -179.5 THEN p.center_lon + 360 ELSE p.center_lon END AS x) unwrapped
  WHERE p.id <= $1::integer`;

const DETECTIONS = `
  INSERT INTO selenoscan_data.detection (detection_id, image_id, model_id, scan_id, is_current, rank_in_image, score,
    score_raw, scores, tile_x, tile_y, tile_count, line, sample, width_px, height_px, outline_px, lon, lat, uncertainty_m,
    width_m, height_m, sun_azimuth_deg, geom, outline, review, known_object_id, known_object_distance_m)
  SELECT gen_random_uuid(), s.image_id, s.model_id, s.id, true, k, 8 - k / 10.0 + (s.id % 97) / 1000.0, 1.25,
    '{"l2": 2.5, "b": 1.25}', 64 + 32 * k, 320, 4, 351.5, 94.5 + 32 * k, 8, 8, '[]', place.lon, place.lat, 205.5, 7.2, 7.7, 94.5,
    ST_SetSRID(ST_MakePoint(place.lon, place.lat), 30100),
    ST_Multi(ST_MakeEnvelope(greatest(place.lon - 0.0001, -180), place.lat - 0.0001, least(place.lon + 0.0001, 180),
      place.lat + 0.0001, 30100)),
    CASE k WHEN 1 THEN 'hardware' WHEN 2 THEN 'terrain, "boulder"' END,
    CASE WHEN k = 3 THEN (SELECT min(id) FROM selenoscan_data.known_object) END, CASE WHEN k = 3 THEN 4.5 END
  FROM selenoscan_data.scan s JOIN selenoscan_data.product p ON p.id = s.product_pk
  CROSS JOIN generate_series(1, ${PER_IMAGE}) k
  CROSS JOIN LATERAL (SELECT least(greatest(p.center_lon + (k - 25) / 100.0, -180), 180) AS lon,
    least(greatest(p.center_lat + (k % 10 - 5) / 20.0, -89.9), 89.9) AS lat) place
  WHERE p.id <= $1::integer AND s.model_id = $2`;

const SITES = `
  WITH made AS (
    INSERT INTO selenoscan_data.site (status, lon, lat, uncertainty_m, looks, sightings, best_score, first_observed_at,
      last_observed_at)
    SELECT 'new', lon, lat, uncertainty_m, 1, 1, score, now(), now() FROM selenoscan_data.detection
    WHERE rank_in_image = 1 AND model_id = $2 AND id % 10 = 1 AND $1::integer > 0
    RETURNING id, lon, lat)
  UPDATE selenoscan_data.detection d SET site_id = made.id FROM made
  WHERE d.rank_in_image = 1 AND d.lon = made.lon AND d.lat = made.lat AND d.model_id = $2`;

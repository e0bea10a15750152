import type { Database } from '../../src/store/database.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { registerModel } from '../../src/store/queries/register-model.js';

export const MODEL = 'bench@0123456789ab';
/** Detections of one image. */
export const PER_IMAGE = 50;

/**
 * Images all over the Moon, three of ten of them in 200 places that are looked at again and again. Each covers
 * 5 km by 50 km; the area of a strip in degrees widens with the latitude.
 */
const IMAGES = `
  CREATE TABLE place AS
  SELECT n, lon, lat, 0.083 / greatest(cos(radians(lat)), 0.02) AS half_lon, 0.8 AS half_lat
  FROM (
    SELECT n,
      CASE WHEN n % 10 < 3 THEN degrees(2 * pi()) * (((n % 200) * 0.61803398875) % 1) - 180 + 0.3 * (random() - 0.5)
        ELSE 360 * random() - 180 END AS lon,
      greatest(-88.9, least(88.9, CASE WHEN n % 10 < 3
        THEN degrees(asin(2 * (((n % 200) * 0.7548776662) % 1) - 1)) + 0.3 * (random() - 0.5)
        ELSE degrees(asin(2 * random() - 1)) END)) AS lat
    FROM generate_series(1, $1::integer) n) drawn`;

const PRODUCTS = `
  INSERT INTO selenoscan_data.product (product_id, version, row_hash, image_id, data_set_id, volume_id,
    file_specification, frame, start_time, stop_time, lines, samples, resolution_m, incidence_deg, emission_deg,
    phase_deg, center_lon, center_lat, flight_direction)
  SELECT 'M' || 1000000000 + n || 'LC', 'v1', 'row ' || n, 'M' || 1000000000 + n || 'L', 'LRO-L-LROC-3-CDR-V1.0',
    'LROLRC_1067A', 'M' || 1000000000 + n || 'LC.IMG', 'LEFT', '2010-01-01'::timestamptz + n * interval '40 minutes',
    '2010-01-01'::timestamptz + n * interval '40 minutes', 52224, 5064, 1, 20 + 65 * random(), 2, 60, lon, lat, '+X'
  FROM place ORDER BY n`;

const SCANS = `
  INSERT INTO selenoscan_data.scan (product_pk, image_id, model_id, state, lane, finished_at, is_current, tiles,
    masked, code_version, source_url, source_checksum, coverage)
  SELECT p.id, p.image_id, '${MODEL}', 'scanned', 'backfill', p.start_time, true, 250000,
    '{"scored": 250000}', '0.1.0', 'http://127.0.0.1/', 'sha256:0', ST_Multi(ST_MakeEnvelope(
      greatest(-180, lon - half_lon), greatest(-90, lat - half_lat),
      least(180, lon + half_lon), least(90, lat + half_lat), 30100))
  FROM place JOIN selenoscan_data.product p ON p.id = place.n ORDER BY n`;

/** Scores are -log10 of a probability; places lie anywhere in their image. */
const DETECTIONS = `
  INSERT INTO selenoscan_data.detection (detection_id, scan_id, image_id, model_id, is_current, rank_in_image, score,
    score_raw, scores, tile_x, tile_y, tile_count, line, sample, width_px, height_px, outline_px, lon, lat,
    uncertainty_m, width_m, height_m, sun_azimuth_deg, geom, outline)
  SELECT gen_random_uuid(), n, 'M' || 1000000000 + n || 'L', '${MODEL}', true, rank, -log(greatest(random(), 1e-12)),
    1.25, '{"l2": 2.5, "b": 1.25, "tri": 0.3}', 64 * rank, 320, 4, 351.5, 64 * rank + 30.5, 8, 8,
    '[[90.5, 340.5], [98.5, 340.5], [98.5, 348.5], [90.5, 340.5]]', x, y, 90 + 100 * random(), 8, 8, 94.5,
    ST_SetSRID(ST_MakePoint(x, y), 30100),
    ST_Multi(ST_MakeEnvelope(greatest(-180, x - 0.0001), greatest(-90, y - 0.0001),
      least(180, x + 0.0001), least(90, y + 0.0001), 30100))
  FROM (
    SELECT n, rank, moon_lon(lon + half_lon * (2 * random() - 1)) AS x, lat + half_lat * (2 * random() - 1) AS y
    FROM place, generate_series(1, ${PER_IMAGE}) rank
    WHERE n > $1 AND n <= $2) drawn`;

const LANDMARKS = `
  UPDATE selenoscan_data.detection SET feature_id = 4395 WHERE id <= 0`;

/** Indexes of the table that keep nothing unique: they are built after the rows, as they stand. */
const INDEXES = `
  SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
  WHERE indrelid = 'selenoscan_data.detection'::regclass AND NOT indisunique`;

/** Seconds of each step. */
export interface Seeded {
  readonly rows: number;
  readonly insertS: number;
  readonly indexS: number;
}

/** Fills an empty database with so many detections, in the product's own tables and indexes. */
export async function seed(db: Database, rows: number, note: (text: string) => void): Promise<Seeded> {
  await registerModel(db, { id: MODEL, manifest: {}, calibration: {} });
  await activateModel(db, MODEL);
  const images = Math.ceil(rows / PER_IMAGE);
  await db.query('SELECT setseed(0.5)');
  await db.query(IMAGES, [images]);
  await db.query(PRODUCTS);
  await db.query(SCANS);
  note(`${images} images`);
  const indexes = await db.query<{ name: string; definition: string }>(INDEXES);
  for (const { name } of indexes) await db.query(`DROP INDEX ${name}`);
  let started = performance.now();
  const step = Math.max(1, Math.floor(images / 10));
  for (let from = 0; from < images; from += step) {
    await db.query(DETECTIONS, [from, Math.min(images, from + step)]);
    note(`${Math.min(images, from + step) * PER_IMAGE} detections`);
  }
  const insertS = (performance.now() - started) / 1000;
  started = performance.now();
  for (const { name, definition } of indexes) {
    await db.query(definition);
    note(`index ${name}`);
  }
  const indexS = (performance.now() - started) / 1000;
  await db.query(LANDMARKS);
  for (const table of ['detection', 'scan', 'product'])
    await db.query(`VACUUM ANALYZE selenoscan_data.${table}`);
  return { rows: images * PER_IMAGE, insertS, indexS };
}

/** The same rows as a GIS user would put them down first: a point, two indexes, and distances of the geography. */
export async function seedNaive(db: Database, note: (text: string) => void): Promise<void> {
  await db.query(
    `CREATE TABLE naive AS
     SELECT id, image_id, score, lon, lat, geom FROM selenoscan_data.detection ORDER BY id`,
  );
  for (const index of ['USING gist (geom)', 'USING gist ((geom::geography))', '(score)', '(id)']) {
    await db.query(`CREATE INDEX ON naive ${index}`);
    note(`naive index ${index}`);
  }
  await db.query('VACUUM ANALYZE naive');
}

import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/store/database.js';
import { describeWithDatabase } from '../support/database.js';

const VIEWS = [
  'coverage',
  'coverage_cells',
  'detection_outlines',
  'detections',
  'features',
  'known_objects',
  'products',
  'reviews',
  'sites',
];
const SHAPES: Record<string, string> = {
  coverage: 'MULTIPOLYGON',
  coverage_cells: 'POLYGON',
  detection_outlines: 'MULTIPOLYGON',
};

/** The contract with people who wrote queries and styles against the view. */
const DETECTIONS =
  'id, product_id, product_version, image_id, observed_at, scanned_at, score, score_raw, scores, rank_in_image, ' +
  'lon, lat, uncertainty_m, geom, line, sample, width_m, height_m, incidence_deg, emission_deg, phase_deg, ' +
  'sun_azimuth_deg, resolution_m, model_id, code_version, source_url, source_checksum, site_id, site_status, ' +
  'known_object, known_object_distance_m, nearest_feature, review, product_url, chip_url';

describeWithDatabase('the views', (createDatabase) => {
  let db: Database;
  beforeAll(async () => {
    db = await createDatabase();
  });

  it('are the ones that people know', async () => {
    const rows = await db.query(
      `SELECT table_name FROM information_schema.views WHERE table_schema = 'selenoscan' ORDER BY 1`,
    );
    expect(rows).toEqual(VIEWS.map((table_name) => ({ table_name })));
  });

  it('give the columns of a detection in the agreed order', async () => {
    const rows = await db.query<{ column_name: string }>(
      `SELECT column_name FROM information_schema.columns
       WHERE table_schema = 'selenoscan' AND table_name = 'detections' ORDER BY ordinal_position`,
    );
    expect(rows.map((row) => row.column_name).join(', ')).toBe(DETECTIONS);
  });

  it('have a bigint id, and a geometry of SRID 30100', async () => {
    const ids = await db.query(
      `SELECT table_name FROM information_schema.columns
       WHERE table_schema = 'selenoscan' AND column_name = 'id' AND data_type = 'bigint' ORDER BY 1`,
    );
    expect(ids).toEqual(VIEWS.map((table_name) => ({ table_name })));
    const geometries = await db.query(
      `SELECT f_table_name, srid, type FROM geometry_columns WHERE f_table_schema = 'selenoscan' ORDER BY 1`,
    );
    expect(geometries).toEqual(
      VIEWS.map((f_table_name) => ({
        f_table_name,
        srid: 30100,
        type: SHAPES[f_table_name] ?? 'POINT',
      })),
    );
  });

  it('explain every column, and themselves', async () => {
    const silent = await db.query(
      `SELECT c.relname, a.attname FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped
       WHERE c.relnamespace = 'selenoscan'::regnamespace AND c.relkind = 'v'
         AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)`,
    );
    expect(silent).toEqual([]);
  });

  it('join only what a query asks for', async () => {
    const plan = JSON.stringify(
      await db.query(
        'EXPLAIN SELECT id, score, geom FROM selenoscan.detections ORDER BY score DESC LIMIT 10',
      ),
    );
    expect(plan).not.toContain('Join');
    expect(plan).toContain('detection_score');
  });
});

import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Queryable } from '../../../src/store/database.js';

/**
 * Everything that scans leave behind, in an order and a form that neither row numbers nor times change: two
 * databases that were fed the same images hold the same.
 */
export interface Results {
  readonly products: readonly unknown[];
  readonly scans: readonly unknown[];
  readonly detections: readonly unknown[];
  /** Places that the site builder gave them: it comes a while after the commit. */
  readonly adjusted: readonly unknown[];
  readonly chips: string;
  readonly cells: readonly unknown[];
}

const DETECTIONS = `
  SELECT to_jsonb(detection) - '{id,scan_id,created_at,superseded_at,site_id,adjusted_lon,adjusted_lat,adjusted_uncertainty_m,known_object_id,review,reviewer,reviewed_at}'::text[]
    || jsonb_build_object('product', product.product_id, 'known', known.name) AS row
  FROM selenoscan_data.detection
  JOIN selenoscan_data.scan ON scan.id = scan_id
  JOIN selenoscan_data.product ON product.id = scan.product_pk
  LEFT JOIN selenoscan_data.known_object known ON known.id = detection.known_object_id
  ORDER BY detection_id`;

const ADJUSTED = `
  SELECT jsonb_build_array(detection_id, adjusted_lon, adjusted_lat, adjusted_uncertainty_m) AS row
  FROM selenoscan_data.detection ORDER BY detection_id`;

const SCANS = `
  SELECT to_jsonb(scan) - '{id,product_pk,state_since,available_at,finished_at,first_scanned_at,seconds,attempts,worker,lane,error,error_code,alerting_at}'::text[]
    || jsonb_build_object('product', product.product_id) AS row
  FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk ORDER BY product.product_id`;

const PRODUCTS = `
  SELECT to_jsonb(product) - '{id,discovered_at,updated_at}'::text[] AS row
  FROM selenoscan_data.product ORDER BY product_id`;

const CHIPS = `
  SELECT detection_id || md5(tile) || md5(reconstruction) || md5(error) || md5(context) AS text
  FROM selenoscan_data.chip JOIN selenoscan_data.detection ON detection.id = detection_pk ORDER BY detection_id`;

const CELLS = `
  SELECT to_jsonb(coverage_cell) AS row FROM selenoscan_data.coverage_cell ORDER BY model_id, cell`;

/** @param db a database whose work is done */
export async function resultsOf(db: Queryable): Promise<Results> {
  const rows = async (sql: string) => (await db.query<{ row: unknown }>(sql)).map(({ row }) => row);
  const hash = createHash('sha256');
  for (const { text } of await db.query<{ text: string }>(CHIPS)) hash.update(text);
  return {
    products: await rows(PRODUCTS),
    scans: await rows(SCANS),
    detections: await rows(DETECTIONS),
    adjusted: await rows(ADJUSTED),
    chips: hash.digest('hex'),
    cells: await rows(CELLS),
  };
}

/** Detections by image: of each all or none may be there, whenever one looks. */
export async function detectionsByImage(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ image_id: string; count: number }>(
    'SELECT image_id, count(*) FROM selenoscan_data.detection GROUP BY image_id',
  );
  return new Map(rows.map(({ image_id, count }) => [image_id, count]));
}

/** Of a daemon that was ended as soon as all was scanned: its site builder may or may not have been there. */
export function beforeSites(results: Results): Results {
  return { ...results, adjusted: expect.any(Array) as unknown[] };
}

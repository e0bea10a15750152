import type { Product } from '../../domain/product.js';
import type { Lane } from '../../domain/scan.js';
import type { Database, Queryable } from '../database.js';
import { PRODUCT_COLUMNS, toProductRow } from '../product-row.js';

/** A product as an archive announced it, and why it is not to be scanned, if so. */
export interface AnnouncedProduct {
  readonly product: Product;
  readonly skip?: { readonly code: string; readonly reason: string } | null;
}

export interface UpsertCounts {
  /** Products of an id not seen before. */
  readonly discovered: number;
  /** New versions or changed rows of known products. */
  readonly changed: number;
  /** Scans that joined the queue; the rest is known, or skipped with its reason. */
  readonly queued: number;
}

const COLUMNS = Object.keys(PRODUCT_COLUMNS).map((name) => `"${name}"`);
const RECORD = Object.entries(PRODUCT_COLUMNS)
  .map(([name, type]) => `"${name}" ${type}`)
  .join(', ');

/**
 * Known rows are left untouched: a product version never changes after it was announced, but for where it lies. What is known
 * is asked once for the batch, not row by row: a young table has no statistics that would make it an
 * index lookup. `known` sees the rows from before this statement.
 */
const INSERT_PRODUCTS = `
  WITH known AS (
    SELECT DISTINCT product_id FROM selenoscan_data.product
    WHERE product_id IN (SELECT product_id FROM jsonb_to_recordset($1::jsonb) AS record(product_id text))
  ), added AS (
    INSERT INTO selenoscan_data.product (${COLUMNS.join(', ')})
    SELECT ${COLUMNS.join(', ')} FROM jsonb_to_recordset($1::jsonb) AS record(${RECORD})
    WHERE NOT $2 OR product_id IN (SELECT product_id FROM known)
    ON CONFLICT (product_id, version, row_hash) DO NOTHING
    RETURNING product_id
  )
  SELECT count(*) FILTER (WHERE known.product_id IS NULL) AS discovered,
         count(*) FILTER (WHERE known.product_id IS NOT NULL) AS changed
  FROM added LEFT JOIN known USING (product_id)`;

/** The archive moves volumes: what waits is fetched from where its product lies by the latest word. */
const MOVE_PRODUCTS = `
  UPDATE selenoscan_data.product SET volume_id = record.volume_id, file_specification = record.file_specification
  FROM jsonb_to_recordset($1::jsonb)
    AS record(product_id text, version text, row_hash text, volume_id text, file_specification text)
  WHERE product.product_id = record.product_id AND product.version = record.version
    AND product.row_hash = record.row_hash
    AND (product.volume_id, product.file_specification) IS DISTINCT FROM (record.volume_id, record.file_specification)`;

/** EDR and CDR of one frame are one image: the product id that came first is the one that is scanned. */
const INSERT_SCANS = `
  WITH record AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
      AS record(product_id text, version text, row_hash text, image_id text, skip_code text, skip_reason text)
  ), first AS (
    SELECT DISTINCT ON (image_id) image_id, product_id FROM selenoscan_data.product
    WHERE image_id IN (SELECT image_id FROM record) ORDER BY image_id, id
  ), decided AS (
    SELECT product.id, product.image_id,
      CASE WHEN skip_code IS NULL AND product.product_id <> first.product_id THEN 'same_image' ELSE skip_code END AS code,
      CASE WHEN skip_code IS NULL AND product.product_id <> first.product_id
        THEN product.product_id || ' shows the same image as ' || first.product_id || '.' ELSE skip_reason END AS reason
    FROM record
    JOIN selenoscan_data.product USING (product_id, version, row_hash)
    JOIN first ON first.image_id = product.image_id
  ), added AS (
    INSERT INTO selenoscan_data.scan (product_pk, image_id, model_id, state, lane, error_code, error)
    SELECT id, image_id, $2, CASE WHEN code IS NULL THEN 'queued' ELSE 'skipped' END, $3, code, reason
    FROM decided ORDER BY id
    ON CONFLICT (product_pk, model_id) DO NOTHING
    RETURNING state
  )
  SELECT count(*) FILTER (WHERE state = 'queued') AS queued FROM added`;

/** A version that waits is not worth a scan once a newer one of the same image waits, too. */
const SKIP_OLDER_VERSIONS = `
  UPDATE selenoscan_data.scan older
  SET state = 'skipped', state_since = now(), error_code = 'superseded', error = 'A newer version of the image is known.'
  WHERE older.state IN ('queued', 'missing') AND older.model_id = $2 AND older.image_id = ANY ($1)
    AND EXISTS (
      SELECT FROM selenoscan_data.scan newer
      WHERE newer.image_id = older.image_id AND newer.model_id = older.model_id
        AND newer.product_pk > older.product_pk AND newer.state <> 'skipped')`;

/**
 * Records what an archive announced and queues it for a model. Announcing the same again changes nothing.
 * Ask with batches of about 1000.
 */
export async function upsertProducts(
  db: Database,
  batch: {
    readonly products: readonly AnnouncedProduct[];
    readonly lane: Lane;
    readonly modelId: string;
    /** Take new versions of known products and pass the rest over. Default false. */
    readonly knownOnly?: boolean;
  },
): Promise<UpsertCounts> {
  if (batch.products.length === 0) return { discovered: 0, changed: 0, queued: 0 };
  const records = JSON.stringify(
    batch.products.map(({ product, skip }) => ({
      ...toProductRow(product),
      skip_code: skip?.code ?? null,
      skip_reason: skip?.reason ?? null,
    })),
  );
  return db.transaction(async (tx) => {
    const found = await one<{ discovered: number; changed: number }>(tx, INSERT_PRODUCTS, [
      records,
      batch.knownOnly === true,
    ]);
    if (found.discovered + found.changed < batch.products.length) await tx.query(MOVE_PRODUCTS, [records]);
    const { queued } = await one<{ queued: number }>(tx, INSERT_SCANS, [records, batch.modelId, batch.lane]);
    if (found.changed > 0) {
      const images = batch.products.map(({ product }) => product.imageId);
      await tx.query(SKIP_OLDER_VERSIONS, [images, batch.modelId]);
    }
    return { ...found, queued };
  });
}

async function one<Row>(tx: Queryable, sql: string, parameters: readonly unknown[]): Promise<Row> {
  const [row] = await tx.query<Row>(sql, parameters);
  if (row === undefined) throw new Error('A count gave no row.');
  return row;
}

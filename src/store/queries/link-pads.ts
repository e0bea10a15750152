import type { Queryable } from '../database.js';

/** Pads of the key that signs links to pictures, as SQL reads them (`selenoscan_data.chip_signature`); hex. */
export interface LinkPads {
  readonly inner: string;
  readonly outer: string;
}

/**
 * Keeps the pads, or gives those that are kept: `wanted` replaces them where it comes from the configuration, and is
 * only a proposal where it was drawn by chance.
 */
export async function keepLinkPads(db: Queryable, wanted: LinkPads, replaces: boolean): Promise<LinkPads> {
  await db.query(
    `INSERT INTO selenoscan_data.setting AS known (key, value) VALUES ('http.link_pads', $1)
     ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, updated_at = now()
     WHERE $2 AND known.value IS DISTINCT FROM EXCLUDED.value`,
    [JSON.stringify(wanted), replaces],
  );
  const [row] = await db.query<{ value: LinkPads }>(
    `SELECT value FROM selenoscan_data.setting WHERE key = 'http.link_pads'`,
  );
  return row?.value ?? wanted;
}

import type { Queryable } from '../database.js';

const COLUMNS = {
  tile: 'tile',
  reconstruction: 'reconstruction',
  error: 'error',
  context: 'context',
} as const;

/** PNG bytes of one picture of a detection; null where it is not kept. */
export async function readPicture(
  db: Queryable,
  detection: number,
  picture: keyof typeof COLUMNS,
): Promise<Uint8Array | null> {
  const [row] = await db.query<{ png: Uint8Array }>(
    `SELECT ${COLUMNS[picture]} AS png FROM selenoscan_data.chip WHERE detection_pk = $1`,
    [detection],
  );
  return row?.png ?? null;
}

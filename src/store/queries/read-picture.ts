import type { Picture } from '../../domain/results.js';
import type { Queryable } from '../database.js';

/** PNG bytes of one picture of a detection, each a column of its own; null where it is not kept. */
export async function readPicture(
  db: Queryable,
  detection: number,
  picture: Picture,
): Promise<Uint8Array | null> {
  const [row] = await db.query<{ png: Uint8Array }>(
    `SELECT ${picture} AS png FROM selenoscan_data.chip WHERE detection_pk = $1`,
    [detection],
  );
  return row?.png ?? null;
}

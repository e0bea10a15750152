import type { KnownObject } from '../../domain/reference.js';
import type { Queryable } from '../database.js';
import { notifyQgis } from './notify-qgis.js';

const COLUMNS = ['name', 'mission', 'kind', 'lon', 'lat', 'uncertainty_m', 'arrived_on', 'source'];
const CHANGING = COLUMNS.slice(1);
const row = (of: string): string => CHANGING.map((name) => `${of}.${name}`).join(', ');

const UPSERT = `
  INSERT INTO selenoscan_data.known_object AS known (${COLUMNS.join(', ')}, shipped)
  SELECT ${COLUMNS.join(', ')}, $9
  FROM unnest($1::text[], $2::text[], $3::text[], $4::double precision[], $5::double precision[],
    $6::double precision[], $7::date[], $8::text[]) AS given(${COLUMNS.join(', ')})
  ON CONFLICT (name) DO UPDATE
  SET ${CHANGING.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}
  WHERE (NOT $9 OR known.shipped) AND (${row('known')}) IS DISTINCT FROM (${row('EXCLUDED')})`;

/**
 * Writes known objects by name. Detections committed from then on are matched with them.
 *
 * @param shipped whether they are of the program's own catalogue, which leaves alone what others wrote
 */
export async function putKnownObjects(
  db: Queryable,
  objects: readonly KnownObject[],
  { shipped = false }: { shipped?: boolean } = {},
): Promise<void> {
  await db.query(UPSERT, [
    objects.map(({ name }) => name),
    objects.map(({ mission }) => mission ?? null),
    objects.map(({ kind }) => kind),
    objects.map(({ lon }) => lon),
    objects.map(({ lat }) => lat),
    objects.map(({ uncertaintyM }) => uncertaintyM),
    objects.map(({ arrivedOn }) => arrivedOn ?? null),
    objects.map(({ source }) => source),
    shipped,
  ]);
}

const FORGET_TAGS = `
  UPDATE selenoscan_data.$TABLE SET known_object_id = NULL, known_object_distance_m = NULL
  WHERE known_object_id IN (
    SELECT id FROM selenoscan_data.known_object WHERE shipped AND name <> ALL ($1::text[]))
  RETURNING id`;
const DELETE = 'DELETE FROM selenoscan_data.known_object WHERE shipped AND name <> ALL ($1::text[])';

/** Removes what the program's own catalogue no longer holds, with its tags. */
export async function dropKnownObjects(tx: Queryable, kept: readonly KnownObject[]): Promise<void> {
  const names = kept.map(({ name }) => name);
  await tx.query(FORGET_TAGS.replace('$TABLE', 'site'), [names]);
  const shown = await tx.query(FORGET_TAGS.replace('$TABLE', 'detection'), [names]);
  await tx.query(DELETE, [names]);
  if (shown.length > 0) await notifyQgis(tx);
}

/** A checksum of what tags depend on, of all objects. */
export async function knownObjectsFingerprint(db: Queryable): Promise<string> {
  const [row] = await db.query<{ fingerprint: string }>(
    `SELECT md5(coalesce(string_agg(jsonb_build_array(id, lon, lat, uncertainty_m)::text, ';' ORDER BY id), ''))
       AS fingerprint
     FROM selenoscan_data.known_object`,
  );
  return row?.fingerprint ?? '';
}

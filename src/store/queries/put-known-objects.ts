import type { KnownObject } from '../../domain/reference.js';
import type { Queryable } from '../database.js';

const UPSERT = `
  INSERT INTO selenoscan_data.known_object AS known (name, kind, lon, lat, uncertainty_m, source)
  SELECT * FROM unnest($1::text[], $2::text[], $3::double precision[], $4::double precision[], $5::double precision[], $6::text[])
  ON CONFLICT (name) DO UPDATE
  SET kind = EXCLUDED.kind, lon = EXCLUDED.lon, lat = EXCLUDED.lat, uncertainty_m = EXCLUDED.uncertainty_m, source = EXCLUDED.source
  WHERE (known.kind, known.lon, known.lat, known.uncertainty_m, known.source)
    IS DISTINCT FROM (EXCLUDED.kind, EXCLUDED.lon, EXCLUDED.lat, EXCLUDED.uncertainty_m, EXCLUDED.source)`;

/** Writes known objects by name. Detections committed from then on are matched with them. */
export async function putKnownObjects(db: Queryable, objects: readonly KnownObject[]): Promise<void> {
  await db.query(UPSERT, [
    objects.map(({ name }) => name),
    objects.map(({ kind }) => kind),
    objects.map(({ lon }) => lon),
    objects.map(({ lat }) => lat),
    objects.map(({ uncertaintyM }) => uncertaintyM),
    objects.map(({ source }) => source),
  ]);
}

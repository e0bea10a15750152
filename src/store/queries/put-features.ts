import type { Feature } from '../../domain/reference.js';
import type { Queryable } from '../database.js';

const UPSERT = `
  INSERT INTO selenoscan_data.feature AS known (id, name, type, lon, lat, diameter_km)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::double precision[], $5::double precision[], $6::double precision[])
  ON CONFLICT (id) DO UPDATE
  SET name = EXCLUDED.name, type = EXCLUDED.type, lon = EXCLUDED.lon, lat = EXCLUDED.lat, diameter_km = EXCLUDED.diameter_km
  WHERE (known.name, known.type, known.lon, known.lat, known.diameter_km)
    IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.type, EXCLUDED.lon, EXCLUDED.lat, EXCLUDED.diameter_km)`;

/** Writes named features by their IAU number. Detections point to some, so none is ever removed. */
export async function putFeatures(db: Queryable, features: readonly Feature[]): Promise<void> {
  await db.query(UPSERT, [
    features.map(({ id }) => id),
    features.map(({ name }) => name),
    features.map(({ type }) => type),
    features.map(({ lon }) => lon),
    features.map(({ lat }) => lat),
    features.map(({ diameterKm }) => diameterKm),
  ]);
}

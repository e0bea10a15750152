import type { MultiPolygon } from '../../domain/geometry.js';
import type { Queryable } from '../database.js';

/**
 * A polygon as people draw it, made fit to compare with: split at the antimeridian where it goes beyond 180
 * degrees.
 * @returns the polygon, or why it is none
 */
export async function prepareArea(
  db: Queryable,
  area: MultiPolygon,
): Promise<{ readonly area: MultiPolygon } | { readonly fault: string }> {
  const [row] = await db.query<{ fault: string | null; area: MultiPolygon }>(
    `SELECT CASE WHEN ST_IsValid(given) THEN NULL ELSE ST_IsValidReason(given) END AS fault,
       CASE WHEN ST_IsValid(given)
         THEN ST_AsGeoJSON(ST_Multi(ST_CollectionExtract(ST_UnaryUnion(
           ST_WrapX(ST_WrapX(given, 180, -360), -180, 360)), 3)), 15, 0)::jsonb END AS area
     FROM ST_SetSRID(ST_GeomFromGeoJSON($1), 30100) AS given`,
    [JSON.stringify(area)],
  );
  return row?.fault === null ? { area: row.area } : { fault: row?.fault ?? 'it cannot be read' };
}

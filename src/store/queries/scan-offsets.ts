import type { MutualOffset } from '../../domain/site.js';
import type { Queryable } from '../database.js';

/** How two images lie to one another, as stored. */
export interface StoredOffset extends MutualOffset {
  readonly scanA: number;
  readonly scanB: number;
  readonly sunsApartDeg: number;
  /** Sample and line in the first image, sample and line in the second, and so on. */
  readonly ties: readonly number[];
}

/** Accepted offsets among scans. */
export async function offsetsAmong(db: Queryable, scanIds: readonly number[]): Promise<StoredOffset[]> {
  return db.query<StoredOffset>(
    `SELECT scan_a AS "scanA", scan_b AS "scanB", accepted, offset_east_m AS "offsetEastM",
       offset_north_m AS "offsetNorthM", residual_m AS "residualM", shading_m AS "shadingM", correlation,
       second_peak AS second, agreement, overlap_km2 AS "overlapKm2", suns_apart_deg AS "sunsApartDeg", ties
     FROM selenoscan_data.scan_offset
     WHERE scan_a = ANY ($1::bigint[]) AND scan_b = ANY ($1::bigint[]) AND accepted
     ORDER BY scan_a, scan_b`,
    [scanIds],
  );
}

/** Numbers of the scans that each of the given ones was compared with. */
export async function comparedScans(
  db: Queryable,
  scanIds: readonly number[],
): Promise<Map<number, Set<number>>> {
  const rows = await db.query<{ scan_a: number; scan_b: number }>(
    `SELECT scan_a, scan_b FROM selenoscan_data.scan_offset
     WHERE scan_a = ANY ($1::bigint[]) OR scan_b = ANY ($1::bigint[])`,
    [scanIds],
  );
  const compared = new Map<number, Set<number>>();
  for (const { scan_a: a, scan_b: b } of rows) {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const there = compared.get(one);
      if (there === undefined) compared.set(one, new Set([other]));
      else there.add(other);
    }
  }
  return compared;
}

/** Only while both overviews are still those that were compared: a commit that comes between forgets offsets. */
const PUT = `
  WITH compared AS (
    SELECT count(*) AS both_there FROM (
      SELECT FROM selenoscan_data.scan_overview
      WHERE (scan_id = $1 AND made_at = $14::timestamptz) OR (scan_id = $2 AND made_at = $15::timestamptz)
      FOR SHARE) there
  )
  INSERT INTO selenoscan_data.scan_offset (scan_a, scan_b, accepted, offset_east_m, offset_north_m, residual_m,
    shading_m, correlation, second_peak, agreement, overlap_km2, suns_apart_deg, ties)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::double precision[] FROM compared WHERE both_there = 2
  ON CONFLICT (scan_a, scan_b) DO NOTHING`;

export async function putOffset(
  db: Queryable,
  offset: StoredOffset,
  madeAt: { readonly a: string; readonly b: string },
): Promise<void> {
  await db.query(PUT, [
    offset.scanA,
    offset.scanB,
    offset.accepted,
    offset.offsetEastM,
    offset.offsetNorthM,
    offset.residualM,
    offset.shadingM,
    offset.correlation,
    offset.second,
    offset.agreement,
    offset.overlapKm2,
    offset.sunsApartDeg,
    offset.ties,
    madeAt.a,
    madeAt.b,
  ]);
}

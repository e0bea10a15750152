import type { Database } from '../../src/store/database.js';

/** Two poles, the edge of the map and a plain place. */
const PLACES = [
  [30, 89.5],
  [-75, -89.9],
  [179.98, 21],
  [-11.2, -43.3],
] as const;

/** Chords between points of the unit sphere: another way than that of the functions, with no index. */
const ALL = `
  CREATE TEMPORARY TABLE truth AS
  SELECT id, metres FROM (
    SELECT id, moon_distance(moon_xyz(lon, lat), moon_xyz($1, $2)) AS metres FROM selenoscan_data.detection) measured
  WHERE metres <= 100001`;

/**
 * Compares the answers at a few places with a look at every row.
 *
 * @returns `naiveShare`: part of what lies within 100 km that ST_DWithin finds in the plain table
 */
export async function compareWithBruteForce(
  db: Database,
  note: (text: string) => void,
): Promise<{ places: number; differences: number; naiveShare: number }> {
  let [differences, there, found] = [0, 0, 0];
  for (const [lon, lat] of PLACES) {
    await db.transaction(async (tx) => {
      await tx.query(ALL.replace('$1', String(lon)).replace('$2', String(lat)));
      for (const metres of [10_000, 100_000]) {
        const [apart] = await tx.query<{ count: number }>(
          `SELECT count(*) AS count FROM selenoscan.within_radius(${lon}, ${lat}, ${metres}) ours
           FULL JOIN (SELECT * FROM truth WHERE metres <= ${metres}) truth USING (id)
           WHERE ours.id IS NULL OR truth.id IS NULL OR abs(ours.distance_m - truth.metres) > 0.01`,
        );
        differences += apart?.count ?? 1;
      }
      const [nearest] = await tx.query<{ count: number }>(
        `SELECT count(*) AS count
         FROM (SELECT row_number() OVER (ORDER BY distance_m) AS n, distance_m
           FROM selenoscan.nearest(${lon}, ${lat}, 10)) ours
         FULL JOIN (SELECT row_number() OVER (ORDER BY metres) AS n, metres FROM truth ORDER BY metres LIMIT 10) truth
           USING (n)
         WHERE ours.n IS NULL OR truth.n IS NULL OR abs(ours.distance_m - truth.metres) > 0.01`,
      );
      differences += nearest?.count ?? 1;
      const box = [
        Math.max(-180, lon - 5),
        Math.max(-90, lat - 5),
        Math.min(180, lon + 5),
        Math.min(90, lat + 5),
      ];
      const [best] = await tx.query<{ count: number }>(
        `SELECT count(*) AS count
         FROM (SELECT row_number() OVER (ORDER BY score DESC) AS n, score
           FROM selenoscan.best_in_box(${box.join(', ')}, 100)) ours
         FULL JOIN (
           SELECT row_number() OVER (ORDER BY score DESC) AS n, score FROM selenoscan_data.detection
           WHERE lon BETWEEN ${box[0]} AND ${box[2]} AND lat BETWEEN ${box[1]} AND ${box[3]}
           ORDER BY score DESC LIMIT 100) truth USING (n)
         WHERE ours.score IS DISTINCT FROM truth.score`,
      );
      differences += best?.count ?? 1;
      const [naive] = await tx.query<{ there: number; found: number }>(
        `SELECT count(*) FILTER (WHERE metres <= 100000) AS there,
           (SELECT count(*) FROM naive WHERE ST_DWithin(geom::geography,
             ST_SetSRID(ST_MakePoint(${lon}, ${lat}), 30100)::geography, 100000, false)) AS found
         FROM truth`,
      );
      there += naive?.there ?? 0;
      found += naive?.found ?? 0;
      await tx.query('DROP TABLE truth');
    });
    note(`compared at ${lon}, ${lat}: ${differences} differences so far`);
  }
  return { places: PLACES.length, differences, naiveShare: found / there };
}

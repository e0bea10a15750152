import type { FeatureQuestion, FeatureResult } from '../../domain/results.js';
import { Conditions } from '../conditions.js';
import type { Queryable } from '../database.js';

/** Named features, the largest first. The table has some nine thousand rows: it is read through. */
export async function findFeatures(db: Queryable, wanted: FeatureQuestion): Promise<FeatureResult[]> {
  const conditions = new Conditions();
  if (wanted.bbox !== undefined) {
    const { west, south, east, north } = wanted.bbox;
    const [from, to] = [conditions.add(west), conditions.add(east)];
    conditions.where(`lat BETWEEN ${conditions.add(south)} AND ${conditions.add(north)}`);
    conditions.where(west <= east ? `lon BETWEEN ${from} AND ${to}` : `(lon >= ${from} OR lon <= ${to})`);
  }
  if (wanted.minDiameterKm !== undefined)
    conditions.where(`diameter_km >= ${conditions.add(wanted.minDiameterKm)}`);
  return db.query<FeatureResult>(
    `SELECT id, name, type, lon, lat, diameter_km FROM selenoscan_data.feature ${conditions.sql()}
     ORDER BY diameter_km DESC NULLS LAST, id LIMIT ${conditions.add(wanted.limit)}`,
    conditions.parameters,
  );
}

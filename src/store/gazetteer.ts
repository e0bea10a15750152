import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Feature } from '../domain/reference.js';
import type { Database } from './database.js';
import { getSetting } from './queries/get-setting.js';
import { putFeatures } from './queries/put-features.js';
import { putSetting } from './queries/put-setting.js';
import { tagByLandmarks } from './tag-anew.js';

/** The gazetteer that this version ships. */
const SHIPPED = new URL('../../data/moon_features.csv', import.meta.url);

/** Setting that tells which gazetteer the database holds. */
const LOADED = 'gazetteer.sha256';

/** The shipped gazetteer. */
export async function readGazetteer(): Promise<readonly Feature[]> {
  return parseFeatures(await readFile(SHIPPED, 'utf8'));
}

/**
 * Fills the feature table with the shipped gazetteer, unless it holds just that, and tags by it what is there.
 *
 * @returns features written; 0 where nothing was to be done.
 */
export async function loadGazetteer(db: Database): Promise<number> {
  const csv = await readFile(SHIPPED);
  const checksum = createHash('sha256').update(csv).digest('hex');
  const there = (await getSetting(db, LOADED)) === checksum;
  const features = there ? [] : parseFeatures(csv.toString('utf8'));
  if (!there) {
    await db.transaction(async (tx) => {
      await putFeatures(tx, features);
      await putSetting(tx, LOADED, checksum);
    });
  }
  await tagByLandmarks(db, checksum);
  return features.length;
}

/** Rows of `iau_id,name,type,lat_deg,lon_deg_e,diameter_km`. */
export function parseFeatures(csv: string): Feature[] {
  const rows = parse<Record<string, string>>(csv, { columns: true, skip_empty_lines: true });
  return rows.map((row) => {
    const diameterKm = Number(row['diameter_km']);
    return {
      id: Number(row['iau_id']),
      name: row['name'] ?? '',
      type: row['type'] ?? '',
      lon: Number(row['lon_deg_e']),
      lat: Number(row['lat_deg']),
      diameterKm: diameterKm > 0 ? diameterKm : null,
    };
  });
}

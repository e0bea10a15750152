import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { KnownObject } from '../domain/reference.js';
import type { Database } from './database.js';
import { getSetting } from './queries/get-setting.js';
import { dropKnownObjects, putKnownObjects } from './queries/put-known-objects.js';
import { putSetting } from './queries/put-setting.js';
import { tagNearKnownObjects } from './tag-anew.js';

/** The catalogue that this version ships. */
const SHIPPED = new URL('../../data/known_objects.csv', import.meta.url);

/** Setting that tells which catalogue the tags in the database were made with. */
const LOADED = 'known_objects.sha256';

/** The shipped catalogue of human-made objects on the Moon. */
export async function readKnownObjects(): Promise<readonly KnownObject[]> {
  return parseKnownObjects(await readFile(SHIPPED, 'utf8'));
}

/**
 * Brings the table of known objects up to the shipped catalogue, unless it holds just that, and the tags of
 * detections and sites with it. What others wrote into the table stays. A load that was cut short is completed by
 * the next.
 *
 * @returns objects of the catalogue; 0 where nothing was to be done.
 */
export async function loadKnownObjects(db: Database): Promise<number> {
  const csv = await readFile(SHIPPED);
  const checksum = createHash('sha256').update(csv).digest('hex');
  if ((await getSetting(db, LOADED)) === checksum) return 0;
  const objects = parseKnownObjects(csv.toString('utf8'));
  await writeCatalogue(db, objects);
  await putSetting(db, LOADED, checksum);
  return objects.length;
}

/** Makes the given catalogue the shipped one, and tags anew what lies near its objects. */
export async function writeCatalogue(db: Database, objects: readonly KnownObject[]): Promise<void> {
  await db.transaction(async (tx) => {
    // An update of many tags takes the time it takes.
    await tx.query('SET LOCAL statement_timeout = 0');
    await dropKnownObjects(tx, objects);
    await putKnownObjects(tx, objects, { shipped: true });
  });
  await tagNearKnownObjects(db);
}

/** Rows of `name,mission,kind,lat_deg,lon_deg_e,uncertainty_m,arrived_on,source`. */
export function parseKnownObjects(csv: string): KnownObject[] {
  const rows = parse<Record<string, string>>(csv, { columns: true, skip_empty_lines: true });
  return rows.map((row) => ({
    name: row['name'] ?? '',
    mission: row['mission'] ?? '',
    kind: row['kind'] ?? '',
    lon: Number(row['lon_deg_e']),
    lat: Number(row['lat_deg']),
    uncertaintyM: Number(row['uncertainty_m']),
    arrivedOn: row['arrived_on'] ?? '',
    source: row['source'] ?? '',
  }));
}

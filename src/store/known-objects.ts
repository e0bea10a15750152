import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { KnownObject } from '../domain/reference.js';
import type { Database } from './database.js';
import { getSetting } from './queries/get-setting.js';
import { dropKnownObjects, knownObjectsFingerprint, putKnownObjects } from './queries/put-known-objects.js';
import { putSetting } from './queries/put-setting.js';
import { tagNearKnownObjects } from './tag-anew.js';

/** The catalogue that this version ships. */
const SHIPPED = new URL('../../data/known_objects.csv', import.meta.url);

/** Setting that tells which catalogue the database holds. */
const LOADED = 'known_objects.sha256';

/** Setting that tells which objects the tags in the database were made with, whoever wrote them. */
const TAGGED = 'known_objects.tagged';

/** What a load of the known objects did; zeros where all was up to date. */
export interface LoadedKnownObjects {
  /** Objects of the shipped catalogue. */
  readonly knownObjects: number;
  /** Detections and sites whose tags changed. */
  readonly retagged: number;
}

/** The shipped catalogue of human-made objects on the Moon. */
export async function readKnownObjects(): Promise<readonly KnownObject[]> {
  return parseKnownObjects(await readFile(SHIPPED, 'utf8'));
}

/**
 * Brings the table of known objects up to the shipped catalogue, unless it holds just that, and the tags of
 * detections and sites up to the table. What others wrote into the table stays, and tags like the rest. A load
 * that was cut short is completed by the next.
 */
export async function loadKnownObjects(db: Database): Promise<LoadedKnownObjects> {
  const csv = await readFile(SHIPPED);
  const checksum = createHash('sha256').update(csv).digest('hex');
  const there = (await getSetting(db, LOADED)) === checksum;
  const objects = there ? [] : parseKnownObjects(csv.toString('utf8'));
  if (!there) {
    await putCatalogue(db, objects);
    await putSetting(db, LOADED, checksum);
  }
  return { knownObjects: objects.length, retagged: await tagByKnownObjects(db) };
}

/** Makes the given catalogue the shipped one, and tags anew what lies near the objects of the table. */
export async function writeCatalogue(db: Database, objects: readonly KnownObject[]): Promise<void> {
  await putCatalogue(db, objects);
  await tagByKnownObjects(db);
}

async function putCatalogue(db: Database, objects: readonly KnownObject[]): Promise<void> {
  await db.transaction(async (tx) => {
    // An update of many tags takes the time it takes.
    await tx.query('SET LOCAL statement_timeout = 0');
    await dropKnownObjects(tx, objects);
    await putKnownObjects(tx, objects, { shipped: true });
  });
}

/** Tags anew where the table is another than at the last time; what changes meanwhile is seen by the next call. */
async function tagByKnownObjects(db: Database): Promise<number> {
  const fingerprint = await knownObjectsFingerprint(db);
  if ((await getSetting(db, TAGGED)) === fingerprint) return 0;
  const retagged = await tagNearKnownObjects(db);
  await putSetting(db, TAGGED, fingerprint);
  return retagged;
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

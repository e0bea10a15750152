import type { Database } from './database.js';
import { getSetting } from './queries/get-setting.js';
import { notifyQgis } from './queries/notify-qgis.js';
import { putSetting } from './queries/put-setting.js';
import { NEAR_KNOWN_OBJECTS, tagRange, tagRows } from './queries/tag-detections.js';

/** Rows that a statement tags: some seconds of work at most. */
const BATCH = 2_000;

/** Setting that tells up to which row each table is tagged, and by which landmarks. */
const PROGRESS = 'landmarks.tagged';

/** Changes with the rule in the database by which landmarks are chosen. */
const RULE = 2;

interface Progress {
  readonly by: string;
  readonly detection: number;
  readonly site: number;
  readonly done: boolean;
}

/**
 * Tags all detections and sites anew, batch by batch, where the gazetteer or the rule by which landmarks are chosen
 * is another than before. A call that was cut short is taken up by the next one.
 *
 * @param gazetteer checksum of the gazetteer that the database holds
 * @returns rows looked at
 */
export async function tagByLandmarks(db: Database, gazetteer: string): Promise<number> {
  const by = `${RULE}:${gazetteer}`;
  const before = (await getSetting(db, PROGRESS)) as Progress | null;
  let progress = before?.by === by ? before : { by, detection: 0, site: 0, done: false };
  if (progress.done) return 0;
  let [rows, shown] = [0, 0];
  for (const table of ['detection', 'site'] as const) {
    for (;;) {
      const [batch] = await db.query<{ last: number | null; count: number }>(
        `SELECT max(id) AS last, count(*) AS count
         FROM (SELECT id FROM selenoscan_data.${table} WHERE id > $1 ORDER BY id LIMIT $2) batch`,
        [progress[table], BATCH],
      );
      if (batch?.last == null) break;
      const changed = await tagRange(db, table, progress[table], batch.last);
      if (table === 'detection') shown += changed;
      rows += batch.count;
      progress = { ...progress, [table]: batch.last };
      await putSetting(db, PROGRESS, progress);
    }
  }
  if (shown > 0) await notifyQgis(db);
  await putSetting(db, PROGRESS, { ...progress, done: true });
  return rows;
}

/**
 * Tags anew, batch by batch, the detections and sites that are tagged with a known object or may be near one.
 *
 * @returns detections and sites that changed
 */
export async function tagNearKnownObjects(db: Database): Promise<number> {
  const changed = { detection: 0, site: 0 };
  for (const table of ['detection', 'site'] as const) {
    const rows = await db.query<{ id: number }>(NEAR_KNOWN_OBJECTS[table]);
    for (let from = 0; from < rows.length; from += BATCH) {
      const ids = rows.slice(from, from + BATCH).map(({ id }) => id);
      changed[table] += await tagRows(db, table, ids);
    }
  }
  if (changed.detection > 0) await notifyQgis(db);
  return changed.detection + changed.site;
}

import type { Queryable } from '../database.js';

/**
 * Tells QGIS to draw layers anew that wait for the payload `detection` on the channel `qgis`. In a transaction it is
 * sent when that commits.
 */
export async function notifyQgis(db: Queryable): Promise<void> {
  await db.query("SELECT pg_notify('qgis', 'detection')");
}

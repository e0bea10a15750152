import type { Queryable } from '../database.js';
import type { ClaimedDelivery } from './claim-delivery.js';

/** An attempt counts only where it is the latest: one whose lease ended changes nothing. */
const OURS = `WHERE id = $1 AND attempts = $2 AND state = 'pending'`;

export async function markSent(db: Queryable, { id, attempts }: ClaimedDelivery): Promise<void> {
  await db.query(
    `UPDATE selenoscan_data.alert_delivery SET state = 'sent', sent_at = now(), error = NULL ${OURS}`,
    [id, attempts],
  );
}

/** Due again after so many seconds. */
export async function markRetry(
  db: Queryable,
  { id, attempts }: ClaimedDelivery,
  waitS: number,
  error: string,
): Promise<void> {
  await db.query(
    `UPDATE selenoscan_data.alert_delivery
     SET available_at = now() + make_interval(secs => $3), error = $4 ${OURS}`,
    [id, attempts, waitS, error],
  );
}

/** Given up: kept, listed and sent only when somebody asks for it. */
export async function markFailed(
  db: Queryable,
  { id, attempts }: ClaimedDelivery,
  error: string,
): Promise<void> {
  await db.query(`UPDATE selenoscan_data.alert_delivery SET state = 'failed', error = $3 ${OURS}`, [
    id,
    attempts,
    error,
  ]);
}

/** Given back unsent: due at once, and the attempt does not count. */
export async function giveBack(db: Queryable, { id, attempts }: ClaimedDelivery): Promise<void> {
  await db.query(
    `UPDATE selenoscan_data.alert_delivery SET available_at = now(), attempts = attempts - 1 ${OURS}`,
    [id, attempts],
  );
}

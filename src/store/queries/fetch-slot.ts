import type { Queryable } from '../database.js';

/** Leave to ask one host, for the whole deployment; the token proves it. */
export interface FetchSlot {
  readonly host: string;
  readonly token: string;
}

export type SlotAnswer =
  | { readonly granted: true; readonly slot: FetchSlot }
  /** Somebody has it, or the host is to be left alone until then. */
  | { readonly granted: false; readonly retryInMs: number };

const ACQUIRE = `
  INSERT INTO selenoscan_data.fetch_slot AS slot (host, token, holder, available_at)
  VALUES ($1, gen_random_uuid(), $2, now() + make_interval(secs => $3))
  ON CONFLICT (host) DO UPDATE
  SET token = EXCLUDED.token, holder = EXCLUDED.holder, available_at = EXCLUDED.available_at
  WHERE slot.available_at <= now()
  RETURNING token`;

const WAIT = `
  SELECT greatest(extract(epoch FROM available_at - now()) * 1000, 0)::double precision AS wait
  FROM selenoscan_data.fetch_slot WHERE host = $1`;

/** Asks for the one slot of a host, held for so many seconds unless renewed. */
export async function acquireFetchSlot(
  db: Queryable,
  request: { readonly host: string; readonly holder: string; readonly leaseSeconds: number },
): Promise<SlotAnswer> {
  const { host, holder, leaseSeconds } = request;
  const [row] = await db.query<{ token: string }>(ACQUIRE, [host, holder, leaseSeconds]);
  if (row !== undefined) return { granted: true, slot: { host, token: row.token } };
  const [taken] = await db.query<{ wait: number }>(WAIT, [host]);
  return { granted: false, retryInMs: Math.ceil(taken?.wait ?? 0) };
}

/** Holds the slot for so many seconds from now; false where it is no longer ours. */
export async function renewFetchSlot(db: Queryable, slot: FetchSlot, leaseSeconds: number): Promise<boolean> {
  return moveEnd(db, slot, leaseSeconds, slot.token);
}

/**
 * Gives the slot back; nobody asks the host for another `pauseSeconds`: the spacing of requests, or the
 * time that the host asked for.
 */
export async function releaseFetchSlot(
  db: Queryable,
  slot: FetchSlot,
  pauseSeconds: number,
): Promise<boolean> {
  return moveEnd(db, slot, pauseSeconds, null);
}

async function moveEnd(
  db: Queryable,
  slot: FetchSlot,
  seconds: number,
  token: string | null,
): Promise<boolean> {
  const rows = await db.query(
    `UPDATE selenoscan_data.fetch_slot
     SET available_at = now() + make_interval(secs => $3), token = $4, holder = CASE WHEN $4::uuid IS NULL THEN NULL ELSE holder END
     WHERE host = $1 AND token = $2 RETURNING host`,
    [slot.host, slot.token, seconds, token],
  );
  return rows.length === 1;
}

import type { Queryable } from '../database.js';

/** Leave to ask one host, for the whole deployment; the token proves it. */
export interface FetchSlot {
  readonly host: string;
  readonly token: string;
}

export interface SlotRequest {
  readonly host: string;
  readonly holder: string;
  /** The slot is held for so long unless it is renewed. */
  readonly leaseSeconds: number;
  /** Tells those who wait apart, so that each has its turn. Default: the holder. */
  readonly waiter?: string;
  /** Slots of a host. Default 1. */
  readonly connections?: number;
  /** Who is told to wait no longer than this stands in line. Default 60. */
  readonly patienceSeconds?: number;
  /** Pause from the start of this request to the start of the next one to the host. Default 0. */
  readonly spacingSeconds?: number;
}

interface Circuit {
  /** How long the host's circuit stays open: null = closed, 0 = half-open. */
  readonly openForMs: number | null;
}

export type SlotAnswer = Circuit &
  (
    | { readonly granted: true; readonly slot: FetchSlot }
    | {
        readonly granted: false;
        /**
         * `busy`: others have all slots, or came before. `pause`: no request may start for `retryInMs`. `open`:
         * the circuit is open for so long.
         */
        readonly reason: 'busy' | 'pause' | 'open';
        readonly retryInMs: number;
        /** Others who came before. */
        readonly ahead: number;
        /** Requests to the host that failed one after the other, and why the last one did. */
        readonly failures: number;
        readonly lastError: string | null;
      }
  );

/** How a request ended; see `RequestOutcome` of the archive. */
export interface SlotRelease {
  readonly outcome: 'ok' | 'failed' | 'pause' | 'none';
  /** Why it failed. */
  readonly error?: string | null;
  /** Pause that the host asked for; null where it did not say how long. */
  readonly pauseSeconds?: number | null;
  /** Pause after every request. Default 0. */
  readonly spacingSeconds?: number;
  /** Failures one after the other until the circuit opens. */
  readonly breakerFailures: number;
  /** How long it stays open the first time. */
  readonly breakerSeconds: number;
}

interface AcquireRow {
  readonly answer: 'granted' | 'busy' | 'pause' | 'open';
  readonly slot_token: string | null;
  readonly wait_s: number;
  readonly ahead: number;
  readonly open_for_s: number | null;
  readonly failed: number;
  readonly reason: string | null;
}

/** Asks for a slot of a host. */
export async function acquireFetchSlot(db: Queryable, request: SlotRequest): Promise<SlotAnswer> {
  const { host, holder, waiter = holder, leaseSeconds, patienceSeconds = 60 } = request;
  const { connections = 1, spacingSeconds = 0 } = request;
  const [row] = await db.query<AcquireRow>(
    'SELECT * FROM selenoscan_data.acquire_fetch_slot($1, $2, $3, $4, $5, $6, $7)',
    [host, holder, waiter, connections, spacingSeconds, leaseSeconds, patienceSeconds],
  );
  if (row === undefined) throw new Error('acquire_fetch_slot gave no row');
  const openForMs = milliseconds(row.open_for_s);
  if (row.answer === 'granted' && row.slot_token !== null) {
    return { granted: true, slot: { host, token: row.slot_token }, openForMs };
  }
  return {
    granted: false,
    reason: row.answer === 'granted' ? 'busy' : row.answer,
    retryInMs: Math.ceil(row.wait_s * 1000),
    ahead: row.ahead,
    failures: row.failed,
    lastError: row.reason,
    openForMs,
  };
}

/** Leaves the line of those who wait for a slot, which ends by itself a few seconds after the last call. */
export async function leaveFetchLine(db: Queryable, host: string, waiter: string): Promise<void> {
  await db.query('DELETE FROM selenoscan_data.fetch_waiter WHERE host = $1 AND waiter = $2', [host, waiter]);
}

/** Holds the slot for so many seconds from now; false where it is no longer ours. */
export async function renewFetchSlot(db: Queryable, slot: FetchSlot, leaseSeconds: number): Promise<boolean> {
  const rows = await db.query(
    `UPDATE selenoscan_data.fetch_slot SET available_at = clock_timestamp() + make_interval(secs => $3)
     WHERE host = $1 AND token = $2 RETURNING host`,
    [slot.host, slot.token, leaseSeconds],
  );
  return rows.length === 1;
}

/**
 * Gives the slot back and judges the host by how the request ended.
 * @returns `held`: whether the slot was still ours; the host is judged in any case
 */
export async function releaseFetchSlot(
  db: Queryable,
  slot: FetchSlot,
  release: SlotRelease,
): Promise<Circuit & { readonly held: boolean }> {
  const { outcome, error = null, pauseSeconds = null, spacingSeconds = 0 } = release;
  const [row] = await db.query<{ was_held: boolean; open_for_s: number | null }>(
    'SELECT * FROM selenoscan_data.release_fetch_slot($1, $2, $3, $4, $5, $6, $7, $8)',
    [
      slot.host,
      slot.token,
      outcome,
      error,
      pauseSeconds,
      spacingSeconds,
      release.breakerFailures,
      release.breakerSeconds,
    ],
  );
  return { held: row?.was_held ?? false, openForMs: milliseconds(row?.open_for_s ?? null) };
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.ceil(seconds * 1000);
}

import pg from 'pg';
import { explainOpening } from './connection-errors.js';
import { CONNECT_TIMEOUT_MS, connectionOptions } from './connection-options.js';

/** Work of which a deployment does one at a time. The numbers are their lock keys and never change. */
const SINGLETONS = { poller: 1, deliverer: 2, 'site-builder': 3 } as const;
export type Singleton = keyof typeof SINGLETONS;

/** First half of the two-part key, so that other programs in the database do not collide. */
const CLASS = 0x5e1e;

/** Held until released or until its connection is lost, which `lost` tells. */
export interface AdvisoryLock {
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes the session lock of a singleton on a connection of its own, or gives null where another process
 * has it. The server frees it when the connection ends, however the process ends.
 *
 * @throws OperationalError where the database cannot be reached.
 */
export async function acquireAdvisoryLock(url: string, singleton: Singleton): Promise<AdvisoryLock | null> {
  const client = new pg.Client({
    ...connectionOptions(url, `selenoscan ${singleton}`),
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  const lost = new AbortController();
  let released = false;
  const lose = (): void => {
    if (!released) lost.abort(new Error(`The connection that held the lock of the ${singleton} ended.`));
  };
  const release = (): Promise<void> => {
    released = true;
    return client.end();
  };
  client.on('error', lose);
  client.on('end', lose);
  try {
    await client.connect();
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS taken', [
      CLASS,
      SINGLETONS[singleton],
    ]);
    if (rows[0]?.taken === true) return { lost: lost.signal, release };
  } catch (error) {
    await release().catch(() => undefined);
    throw explainOpening(error, url);
  }
  await release();
  return null;
}

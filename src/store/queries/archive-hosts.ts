import type { Queryable } from '../database.js';

/** How the deployment stands with one archive host. */
export interface ArchiveHost {
  readonly host: string;
  /** open: nobody asks it; half-open: the next request tries whether it answers again. */
  readonly circuit: 'closed' | 'half-open' | 'open';
  /** Requests that failed one after the other. */
  readonly failures: number;
  /** Nobody asks it before, by its own wish or since it does not answer; null where that is not so. */
  readonly notBefore: Date | null;
  /** Of the latest failure. */
  readonly lastError: string | null;
}

/** Pauses of the usual spacing are not worth a word, seconds. */
const WORTH_SAYING_S = 10;

export function archiveHosts(db: Queryable): Promise<ArchiveHost[]> {
  return db.query<{
    host: string;
    circuit: ArchiveHost['circuit'];
    failures: number;
    notBefore: Date | null;
    lastError: string | null;
  }>(
    `SELECT host, failures, last_error AS "lastError",
       CASE WHEN open_until IS NULL THEN 'closed' WHEN open_until > now() THEN 'open' ELSE 'half-open' END AS circuit,
       CASE WHEN greatest(open_until, next_request_at) > now() + make_interval(secs => $1)
         THEN greatest(open_until, next_request_at) END AS "notBefore"
     FROM selenoscan_data.archive_host ORDER BY host`,
    [WORTH_SAYING_S],
  );
}

import type { ScanState } from '../../domain/scan.js';
import type { Queryable } from '../database.js';

export interface RequeueFilter {
  readonly modelId: string;
  readonly states: readonly Extract<ScanState, 'failed' | 'invalid' | 'skipped' | 'missing' | 'scanned'>[];
  /** Only those whose error code begins so. */
  readonly errorPrefix?: string;
  /** Only those that came into their state at or after this. */
  readonly since?: Date;
  /** Only those that came into their state before this. */
  readonly before?: Date;
}

/** Skipped for good: scanned in another version or data set, or with nothing that places them. */
const NEVER = ['same_image', 'superseded', 'no_geometry'];

/** Queues scans again that had come to an end; results stay visible until the new ones are committed. */
export async function requeueScans(db: Queryable, filter: RequeueFilter): Promise<number> {
  const rows = await db.query(
    `UPDATE selenoscan_data.scan
     SET state = 'queued', state_since = now(), available_at = now(), attempts = 0, error_code = NULL, error = NULL
     WHERE model_id = $1 AND state = ANY ($2) AND state <> 'claimed' AND coalesce(error_code, '') <> ALL ($6)
       AND ($3::text IS NULL OR starts_with(error_code, $3)) AND ($4::timestamptz IS NULL OR state_since >= $4)
       AND ($5::timestamptz IS NULL OR state_since < $5)
     RETURNING id`,
    [
      filter.modelId,
      filter.states,
      filter.errorPrefix ?? null,
      filter.since ?? null,
      filter.before ?? null,
      NEVER,
    ],
  );
  return rows.length;
}

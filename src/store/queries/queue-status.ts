import type { Lane, ScanState } from '../../domain/scan.js';
import { SCAN_STATES } from '../../domain/scan.js';
import type { Queryable } from '../database.js';

export type StateCounts = Record<ScanState, number>;

export interface QueueStatus {
  /** Scans of the model by lane and state. */
  readonly lanes: Record<Lane, StateCounts>;
  /** Scans committed within the last hour and day. */
  readonly scannedLastHour: number;
  readonly scannedLastDay: number;
  /** Mean seconds of the scans of the last day; null where there is none. */
  readonly secondsPerScan: number | null;
  /** The newest announcement of the archive. */
  readonly lastRelease: { readonly volumeId: string; readonly discoveredAt: Date } | null;
  /** Images that the limits leave out, by reason, the most frequent first. */
  readonly skipped: readonly { readonly code: string; readonly count: number }[];
  /** Other scans that did not come to a result, by state and code, the most frequent first. */
  readonly errors: readonly { readonly state: ScanState; readonly code: string; readonly count: number }[];
}

/** How the work of a model stands. */
export async function queueStatus(db: Queryable, modelId: string): Promise<QueueStatus> {
  const states = await db.query<{ lane: Lane; state: ScanState; count: number }>(
    `SELECT lane, state, count(*) AS count FROM selenoscan_data.scan WHERE model_id = $1 GROUP BY lane, state`,
    [modelId],
  );
  const [rates] = await db.query<{ hour: number; day: number; seconds: number | null }>(
    `SELECT count(*) FILTER (WHERE finished_at > now() - interval '1 hour') AS hour,
       count(*) AS day, avg(seconds) AS seconds
     FROM selenoscan_data.scan WHERE finished_at > now() - interval '1 day' AND model_id = $1`,
    [modelId],
  );
  const [release] = await db.query<{ volume_id: string; discovered_at: Date }>(
    'SELECT volume_id, discovered_at FROM selenoscan_data.product ORDER BY id DESC LIMIT 1',
  );
  const reasons = await db.query<{ state: ScanState; code: string; count: number }>(
    `SELECT state, error_code AS code, count(*) AS count FROM selenoscan_data.scan
     WHERE state <> 'scanned' AND error_code IS NOT NULL AND model_id = $1
     GROUP BY state, error_code ORDER BY count DESC, state, code`,
    [modelId],
  );
  const lanes: Record<Lane, StateCounts> = { live: noScans(), backfill: noScans() };
  for (const { lane, state, count } of states) lanes[lane][state] = count;
  return {
    lanes,
    scannedLastHour: rates?.hour ?? 0,
    scannedLastDay: rates?.day ?? 0,
    secondsPerScan: rates?.seconds ?? null,
    lastRelease:
      release === undefined ? null : { volumeId: release.volume_id, discoveredAt: release.discovered_at },
    skipped: reasons.filter(({ state }) => state === 'skipped').map(({ code, count }) => ({ code, count })),
    errors: reasons.filter(({ state }) => state !== 'skipped'),
  };
}

function noScans(): StateCounts {
  return Object.fromEntries(SCAN_STATES.map((state) => [state, 0])) as StateCounts;
}

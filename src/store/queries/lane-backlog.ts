import type { Lane } from '../../domain/scan.js';
import type { Queryable } from '../database.js';

export interface LaneBacklog {
  /** Waiting to be claimed, at once or after a backoff; what the archive does not have yet is not counted. */
  readonly queued: number;
  /** In somebody's hands, or left by a worker that died. */
  readonly claimed: number;
}

/** How much a lane still has to do for a model: `run --once` ends when both are 0. */
export async function laneBacklog(db: Queryable, modelId: string, lane: Lane): Promise<LaneBacklog> {
  const [row] = await db.query<LaneBacklog>(
    `SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'claimed') AS claimed
     FROM selenoscan_data.scan WHERE model_id = $1 AND lane = $2 AND state IN ('queued', 'claimed', 'missing')`,
    [modelId, lane],
  );
  return row ?? { queued: 0, claimed: 0 };
}

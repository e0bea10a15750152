import { capacityOf, type Capacity } from '../domain/capacity.js';
import type { Database } from '../store/database.js';
import { archiveHosts, type ArchiveHost } from '../store/queries/archive-hosts.js';
import { laneBacklog } from '../store/queries/lane-backlog.js';
import { readPauses, type Pauses } from '../store/queries/pauses.js';
import { queueStatus, type QueueStatus } from '../store/queries/queue-status.js';
import { recentScans } from '../store/queries/recent-scans.js';
import { releaseRate, type ReleaseRate } from '../store/queries/release-rate.js';

/** How a deployment stands: what it has to do, what it can do, what the archive gives it to do. */
export interface DeploymentStatus extends QueueStatus {
  readonly paused: Pauses;
  /** Null where nothing was scanned within a week. */
  readonly capacity: Capacity | null;
  /** Null where less than a day of images is known. */
  readonly archive: ReleaseRate | null;
  readonly hosts: readonly ArchiveHost[];
  /** Seconds until the live lane is empty at the present capacity; null = unknown. */
  readonly etaSeconds: number | null;
  /** Until the backfill lane is, too. */
  readonly backfillEtaSeconds: number | null;
}

export async function deploymentStatus(db: Database, modelId: string): Promise<DeploymentStatus> {
  const queue = await queueStatus(db, modelId);
  const capacity = capacityOf(await recentScans(db, modelId));
  const backlog = await laneBacklog(db, modelId);
  const seconds = (pixels: number) =>
    capacity === null ? null : Math.round(pixels / capacity.pixelsPerSecond);
  return {
    ...queue,
    paused: await readPauses(db),
    capacity,
    archive: await releaseRate(db, modelId),
    hosts: await archiveHosts(db),
    etaSeconds: seconds(backlog.live),
    backfillEtaSeconds: seconds(backlog.live + backlog.backfill),
  };
}

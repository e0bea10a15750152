import type { Database } from '../store/database.js';
import { newestImages } from '../store/queries/newest-images.js';
import { sitesBacklog } from '../store/queries/site-pending.js';
import type { DeploymentFacts } from '../telemetry/deployment-metrics.js';
import { deploymentStatus } from './deployment-status.js';

/** What a scrape tells of the deployment. */
export async function deploymentFacts(db: Database, modelId: string): Promise<DeploymentFacts> {
  const { lanes, paused, etaSeconds, backfillEtaSeconds } = await deploymentStatus(db, modelId);
  return {
    lanes,
    paused: { live: paused.live !== undefined, backfill: paused.backfill !== undefined },
    etaSeconds: { live: etaSeconds, backfill: backfillEtaSeconds },
    sites: await sitesBacklog(db),
    newest: await newestImages(db, modelId),
  };
}

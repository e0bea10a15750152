import type { Clock } from '../domain/clock.js';
import { TransientError } from '../domain/errors.js';
import type { Lane } from '../domain/scan.js';
import type { Database } from '../store/database.js';
import { claimScan, type ClaimedScan } from '../store/queries/claim-scan.js';
import { readPauses } from '../store/queries/pauses.js';
import type { Logger } from '../telemetry/logger.js';
import type { Rest } from './rest.js';
import { assertSameModel } from './same-model.js';
import type { ClaimPolicy } from './scan-ending.js';

export interface ClaimsOptions {
  /** Claim from the live lane alone, and end when nothing is left there. */
  readonly once: boolean;
  readonly policy: ClaimPolicy;
  /** Name of this process in the queue. */
  readonly worker: string;
}

export interface ClaimsTools {
  readonly db: Database;
  readonly clock: Clock;
  readonly model: { readonly id: string };
  readonly log: Logger;
}

/** The first goes before the second. */
const LANES: readonly Lane[] = ['live', 'backfill'];
/** How long an idle worker waits before it looks at the queue again. */
const IDLE_MS = 2000;
/** How soon one that ends by itself looks again while something is in work. */
const ONCE_AGAIN_MS = 100;
/** How long to wait for a lost database. */
const TROUBLE_MS = 5000;

/**
 * Claimed scans for as long as there is room; ends at shutdown, or with `once` when none is left and none in work
 * that might come back.
 * @throws OperationalError `other_model` where another model became the active one
 * @param inWork scans that were claimed here and have not ended
 */
export async function* claims(
  options: ClaimsOptions,
  tools: ClaimsTools,
  rest: Rest,
  inWork: () => number,
  signal: AbortSignal,
): AsyncGenerator<ClaimedScan> {
  while (!signal.aborted) {
    const claim = await claimOrWait(options, tools, rest, signal);
    if (claim !== null) yield claim;
    else if (options.once) {
      if (inWork() === 0) return;
      await tools.clock.sleep(ONCE_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}

/** The next scan, or null after a wait when there is none or the database is away. */
async function claimOrWait(
  options: ClaimsOptions,
  tools: ClaimsTools,
  rest: Rest,
  signal: AbortSignal,
): Promise<ClaimedScan | null> {
  let waitMs = IDLE_MS;
  try {
    if (!options.once && rest.leftMs > 0) {
      await tools.clock.sleep(Math.min(rest.leftMs, IDLE_MS), signal).catch(() => undefined);
      return null;
    }
    await assertSameModel(tools.db, tools.model.id);
    const pauses = await readPauses(tools.db);
    const lanes = LANES.filter(
      (lane) => pauses[lane] === undefined && !(options.once && lane === 'backfill'),
    );
    const claim = await claimScan(tools.db, {
      modelId: tools.model.id,
      worker: options.worker,
      leaseSeconds: options.policy.leaseSeconds,
      maxAttempts: options.policy.maxAttempts,
      retrySeconds: options.policy.retrySeconds,
      lanes,
    });
    if (claim !== null || options.once) return claim;
  } catch (error) {
    if (options.once || !(error instanceof TransientError)) throw error;
    tools.log.warn({ code: error.code, reason: error.message }, 'Queue:Away');
    waitMs = TROUBLE_MS;
  }
  await tools.clock.sleep(waitMs, signal).catch(() => undefined);
  return null;
}

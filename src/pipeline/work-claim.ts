import { InvalidProductError, MissingProductError, TransientError, isUserFacing } from '../domain/errors.js';
import type { ScanResult, ScanState } from '../domain/scan.js';
import type { Database } from '../store/database.js';
import type { ClaimedScan } from '../store/queries/claim-scan.js';
import { commitScan } from '../store/queries/commit-scan.js';
import { finishScan, type ScanEnding } from '../store/queries/finish-scan.js';
import { releaseScan } from '../store/queries/release-scan.js';
import { renewLease } from '../store/queries/renew-lease.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';

export interface ClaimPolicy {
  readonly leaseSeconds: number;
  readonly maxAttempts: number;
  /** First wait before another attempt; doubled each time. */
  readonly retrySeconds: number;
  readonly missingSeconds: number;
}

/** A wait before another attempt never grows beyond this, seconds. */
const LONGEST_RETRY_S = 6 * 3600;

/**
 * Works one claimed scan to its end: committed, or recorded with the reason why not. The lease is renewed
 * meanwhile; when it is lost the work is dropped, for another worker has it. A shutdown gives the scan back.
 *
 * @returns the scan's state, or null where it is no longer ours
 */
export async function workClaim(
  db: Database,
  claim: ClaimedScan,
  policy: ClaimPolicy,
  scan: (signal: AbortSignal) => Promise<ScanResult>,
  log: Logger,
  metrics: Metrics,
  signal: AbortSignal,
): Promise<ScanState | null> {
  const lost = new AbortController();
  const renewal = setInterval(
    () => {
      renewLease(db, claim, policy.leaseSeconds).then(
        (ours) => {
          if (!ours) lost.abort(new Error('the lease was lost to another worker'));
        },
        (error: unknown) => log.warn({ err: error }, 'Scan:LeaseNotRenewed'),
      );
    },
    (policy.leaseSeconds * 1000) / 3,
  );
  const timer = metrics.scanSeconds.startTimer();
  try {
    const result = await scan(AbortSignal.any([signal, lost.signal]));
    const state = await commit(db, claim, result, log, metrics);
    timer();
    return state;
  } catch (error) {
    if (lost.signal.aborted) {
      log.warn({}, 'Scan:LeaseLost');
      return null;
    }
    if (signal.aborted) {
      await releaseScan(db, claim);
      log.info({}, 'Scan:GivenBack');
      return 'queued';
    }
    if (error instanceof DatabaseTrouble) throw error.cause;
    const ending = endingOf(error, claim.attempts, policy);
    const state = await finishScan(db, claim, ending);
    log.warn({ code: ending.code, reason: ending.reason, state, ...unexpected(error) }, 'Scan:NotScanned');
    if (state !== null) metrics.scans.inc({ state });
    return state;
  } finally {
    clearInterval(renewal);
  }
}

/** A failure of the database is not the product's fault: it goes to the caller, who waits for the database. */
class DatabaseTrouble extends Error {}

async function commit(
  db: Database,
  claim: ClaimedScan,
  result: ScanResult,
  log: Logger,
  metrics: Metrics,
): Promise<ScanState | null> {
  const outcome = await commitScan(db, claim, result).catch((cause: unknown) => {
    throw new DatabaseTrouble('commit failed', { cause });
  });
  if (outcome.outcome === 'lease-lost') {
    log.warn({}, 'Scan:LeaseLost');
    return null;
  }
  if (outcome.outcome === 'outdated') {
    log.info({}, 'Scan:Outdated');
    metrics.scans.inc({ state: 'skipped' });
    return 'skipped';
  }
  const { tiles, masked, detections, seconds } = result;
  log.info(
    {
      tiles,
      scored: masked.scored,
      detections: detections.length,
      best: detections[0]?.score ?? null,
      seconds: Number(seconds.toFixed(1)),
      inserted: outcome.inserted,
      updated: outcome.updated,
    },
    'Scan:Committed',
  );
  metrics.scans.inc({ state: 'scanned' });
  for (const [state, count] of Object.entries(masked)) metrics.tiles.inc({ state }, count);
  metrics.detections.inc(detections.length);
  return 'scanned';
}

function endingOf(error: unknown, attempts: number, policy: ClaimPolicy): ScanEnding {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidProductError) return { state: 'invalid', code: error.code, reason };
  if (error instanceof MissingProductError)
    return { state: 'missing', code: error.code, reason, retryInSeconds: policy.missingSeconds };
  if (error instanceof TransientError) {
    const backoff = Math.min(policy.retrySeconds * 2 ** (attempts - 1), LONGEST_RETRY_S);
    const retryInSeconds = Math.max(backoff, error.retryAfterS ?? 0);
    return { state: 'queued', code: error.code, reason, retryInSeconds, maxAttempts: policy.maxAttempts };
  }
  return { state: 'failed', code: isUserFacing(error) ? error.code : 'unexpected', reason };
}

/** The stack of an error that nobody foresaw belongs in the log; others say all in their sentence. */
function unexpected(error: unknown): { err?: unknown } {
  return isUserFacing(error) ? {} : { err: error };
}

import type { Clock } from '../domain/clock.js';
import { TransientError, isUserFacing } from '../domain/errors.js';
import type { ScanResult, ScanState } from '../domain/scan.js';
import type { Database } from '../store/database.js';
import type { ClaimedScan } from '../store/queries/claim-scan.js';
import { commitScan } from '../store/queries/commit-scan.js';
import { finishScan } from '../store/queries/finish-scan.js';
import { releaseScan } from '../store/queries/release-scan.js';
import { renewLease } from '../store/queries/renew-lease.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { countScreening } from './count-screening.js';
import { inStage } from './stages.js';
import { endingOf, type ClaimPolicy } from './scan-ending.js';

/** What working a claim needs. */
export interface ClaimTools {
  readonly db: Database;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /**
   * Told that no scan can go well for a while, ms: the archive is to be left alone, or this machine has no
   * room. Whoever claims waits so long before the next one.
   */
  readonly rest?: (ms: number) => void;
}

/** The longest rest between two claims, seconds. */
const LONGEST_REST_S = 300;
/** A lost database is waited for at the end of a scan: this often, this long each. */
const END_TRIES = 60;
const END_AGAIN_MS = 5000;

/**
 * Works one claimed scan to its end: committed, or recorded with the reason why not. The lease is renewed
 * meanwhile; when it is lost the work is dropped, for another worker has it. A shutdown gives the scan back.
 *
 * @returns the scan's state, or null where it is no longer ours
 */
export async function workClaim(
  tools: ClaimTools,
  claim: ClaimedScan,
  policy: ClaimPolicy,
  scan: (signal: AbortSignal) => Promise<ScanResult>,
  log: Logger,
  signal: AbortSignal,
): Promise<ScanState | null> {
  const { db, metrics } = tools;
  const lost = new AbortController();
  const renewal = setInterval(
    () => {
      renewLease(db, claim, policy.leaseSeconds).then(
        (ours) => {
          if (!ours) lost.abort(new Error('the lease was lost to another worker'));
        },
        (error: unknown) => log.warn({ reason: String(error) }, 'Scan:LeaseNotRenewed'),
      );
    },
    (policy.leaseSeconds * 1000) / 3,
  );
  const timer = metrics.scanSeconds.startTimer();
  try {
    const result = await scan(AbortSignal.any([signal, lost.signal]));
    const state = await commit(tools, claim, result, log, signal);
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
    const ending = endingOf(error, claim, policy, tools.clock.now());
    if (ending.state === 'queued' && ending.maxAttempts === null)
      tools.rest?.(Math.min(ending.retryInSeconds, LONGEST_REST_S) * 1000);
    const end = () => finishScan(db, claim, ending);
    const state = await patiently(end, tools.clock, log, 'Scan:EndWaits', signal);
    log.warn({ code: ending.code, reason: ending.reason, state, ...unexpected(error) }, 'Scan:NotScanned');
    if (state !== null) {
      metrics.scans.inc({ state });
      metrics.scanErrors.inc({ state, code: ending.code });
    }
    return state;
  } finally {
    clearInterval(renewal);
  }
}

/** A failure of the database is not the product's fault: it goes to the caller, who waits for the database. */
class DatabaseTrouble extends Error {}

async function commit(
  { db, clock, metrics }: ClaimTools,
  claim: ClaimedScan,
  result: ScanResult,
  log: Logger,
  signal: AbortSignal,
): Promise<ScanState | null> {
  const outcome = await inStage('commit', metrics.onStage, () =>
    patiently(() => commitScan(db, claim, result), clock, log, 'Scan:CommitWaits', signal),
  ).catch((cause: unknown) => {
    if (cause instanceof TransientError) throw new DatabaseTrouble('commit failed', { cause });
    throw cause;
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
  const { pixels, tiles, masked, detections, seconds, screening } = result;
  log.info(
    {
      tiles,
      scored: masked.scored,
      detections: detections.length,
      best: detections[0]?.score ?? null,
      seconds: Number(seconds.toFixed(1)),
      mode: screening.mode,
      rescored: screening.rescored,
      inserted: outcome.inserted,
      updated: outcome.updated,
    },
    'Scan:Committed',
  );
  metrics.scans.inc({ state: 'scanned' });
  for (const [state, count] of Object.entries(masked)) metrics.tiles.inc({ state }, count);
  metrics.detections.inc(detections.length);
  metrics.pixels.inc(pixels);
  countScreening(metrics, result.screening);
  return 'scanned';
}

/**
 * A result is worth minutes of work, and an end that is not written counts as an attempt: while the database is away
 * both wait for it. What went through though its answer was lost is refused as another one's lease when tried again.
 */
async function patiently<T>(
  write: () => Promise<T>,
  clock: Clock,
  log: Logger,
  event: string,
  signal: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof TransientError) || tried === END_TRIES || signal.aborted) throw error;
      log.warn({ code: error.code, reason: error.message }, event);
      await clock.sleep(END_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}

/** The stack of an error that nobody foresaw belongs in the log; others say all in their sentence. */
function unexpected(error: unknown): { err?: unknown } {
  return isUserFacing(error) ? {} : { err: error };
}

import {
  defer,
  finalize,
  fromEvent,
  ignoreElements,
  lastValueFrom,
  merge,
  of,
  repeat,
  takeUntil,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import type { ProductLimits } from '../archive/filter-product.js';
import type { Clock } from '../domain/clock.js';
import { TransientError, isUserFacing } from '../domain/errors.js';
import type { Product } from '../domain/product.js';
import type { ScanState } from '../domain/scan.js';
import type { Database } from '../store/database.js';
import { claimScan, type ClaimedScan } from '../store/queries/claim-scan.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { startProgress, type Progress } from '../telemetry/progress.js';
import { CalibrationKeeper } from './calibration-keeper.js';
import { DriftWatch, type DriftPolicy } from './drift-watch.js';
import { pollOnce } from './poll.js';
import { pullMap } from './pull.js';
import { scanProduct, type ProductScanTools } from './scan-product.js';
import { workClaim, type ClaimPolicy } from './work-claim.js';

export interface DaemonOptions {
  /** Poll once, scan until the live lane is empty, then end. */
  readonly once: boolean;
  /** Images in work at the same time. */
  readonly images: number;
  readonly pollEveryMs: number;
  readonly limits: ProductLimits;
  readonly policy: ClaimPolicy;
  readonly drift: DriftPolicy;
  /** Name of this process in the queue. */
  readonly worker: string;
}

export interface DaemonTools extends Omit<ProductScanTools, 'calibrationVersion'> {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Whether this process is the deployment's one poller; asked before each poll. */
  readonly mayPoll: () => Promise<boolean>;
  /** Told of each scan that ended, once what it found is committed. */
  readonly onEnded?: (product: Product, state: ScanState) => void;
}

/** Scans by the state they ended in. */
export type DaemonTally = Partial<Record<ScanState, number>>;

/** How long an idle worker waits before it looks at the queue again. */
const IDLE_MS = 2000;
/** How long to wait for a lost database. */
const TROUBLE_MS = 5000;
/** How soon to ask again after a poll that failed, or that another process is there for. */
const POLL_AGAIN_MS = 60_000;

/**
 * The daemon: polls the archive, claims scans, streams each through the scorers and commits it. Claims are
 * pulled: no image is claimed before there is room for it.
 */
export async function runDaemon(
  options: DaemonOptions,
  tools: DaemonTools,
  signal: AbortSignal,
): Promise<DaemonTally> {
  const tally: DaemonTally = {};
  const keeper = new CalibrationKeeper(tools.db, tools.model, tools.log);
  const watch = new DriftWatch(options.drift, tools.metrics, tools.log);
  const scans = pullMap(claims(options, tools, signal), options.images, (claim) =>
    scanClaim(claim, options, { ...tools, keeper, watch }, signal),
  ).pipe(
    tap((state) => {
      if (state !== null) tally[state] = (tally[state] ?? 0) + 1;
    }),
  );
  if (options.once) {
    await pollOnceOnly(options, tools, signal);
    await lastValueFrom(scans, { defaultValue: null });
    return tally;
  }
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const work = merge(polls(options, tools, until), scans).pipe(finalize(() => stop.abort()));
  await lastValueFrom(work, { defaultValue: null });
  return tally;
}

/** One poll at a time, the first at once; ends when `signal` aborts. */
function polls(options: DaemonOptions, tools: DaemonTools, signal: AbortSignal): Observable<never> {
  let waitMs = 0;
  return defer(async () => {
    const polled = await pollPatiently(options, tools, signal);
    waitMs = polled ? options.pollEveryMs : Math.min(options.pollEveryMs, POLL_AGAIN_MS);
  }).pipe(repeat({ delay: () => timer(waitMs) }), ignoreElements(), takeUntil(aborted(signal)));
}

/** The one poll of `--once`: its trouble is the command's, but a shutdown is an orderly end. */
async function pollOnceOnly(options: DaemonOptions, tools: DaemonTools, signal: AbortSignal): Promise<void> {
  try {
    await pollWhenOurs(options, tools, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A poll of many, which wait out trouble; false where another process polls, or nothing answered. */
async function pollPatiently(
  options: DaemonOptions,
  tools: DaemonTools,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await pollWhenOurs(options, tools, signal);
  } catch (error) {
    if (signal.aborted) return false;
    if (!isUserFacing(error)) throw error;
    tools.metrics.polls.inc({ outcome: 'failed' });
    tools.log.warn({ code: error.code, reason: error.message }, 'Poll:Failed');
    return false;
  }
}

/** Whether this process polled; the deployment has one poller at a time. */
async function pollWhenOurs(
  options: DaemonOptions,
  tools: DaemonTools,
  signal: AbortSignal,
): Promise<boolean> {
  if (await tools.mayPoll()) {
    await poll(options, tools, signal);
    return true;
  }
  tools.log.info({}, 'Poll:LeftToAnother');
  return false;
}

async function poll({ limits }: DaemonOptions, tools: DaemonTools, signal: AbortSignal): Promise<void> {
  const counts = await pollOnce(tools.db, tools.archive, limits, tools.model.id, tools.log, signal);
  tools.metrics.polls.inc({ outcome: counts.queued > 0 ? 'new' : 'nothing_new' });
  tools.log.info(counts, 'Poll:Done');
}

/** Claimed scans for as long as there is room; ends at shutdown, or with `once` when none is left. */
async function* claims(
  options: DaemonOptions,
  tools: DaemonTools,
  signal: AbortSignal,
): AsyncGenerator<ClaimedScan> {
  while (!signal.aborted) {
    const claim = await claimOrWait(options, tools, signal);
    if (claim !== null) yield claim;
    else if (options.once) return;
  }
}

/** The next scan, or null after a wait when there is none or the database is away. */
async function claimOrWait(
  options: DaemonOptions,
  tools: DaemonTools,
  signal: AbortSignal,
): Promise<ClaimedScan | null> {
  let waitMs = IDLE_MS;
  try {
    const claim = await claimScan(tools.db, {
      modelId: tools.model.id,
      worker: options.worker,
      leaseSeconds: options.policy.leaseSeconds,
      maxAttempts: options.policy.maxAttempts,
      ...(options.once ? { lanes: ['live' as const] } : {}),
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

async function scanClaim(
  claim: ClaimedScan,
  options: DaemonOptions,
  tools: DaemonTools & { readonly keeper: CalibrationKeeper; readonly watch: DriftWatch },
  signal: AbortSignal,
): Promise<ScanState | null> {
  const { db, model, keeper, watch } = tools;
  const { productId } = claim.product;
  const log = tools.log.child({ product: productId, attempt: claim.attempts });
  let progress: Progress | null = null;
  const onProgress = (done: number, total: number) => {
    progress ??= startProgress(log, productId, total, 'tiles');
    progress.update(done);
  };
  try {
    const { version, calibration } = await keeper.current();
    const calibrated = { ...tools, model: { ...model, calibration }, calibrationVersion: version };
    const scan = (stop: AbortSignal) =>
      scanProduct(claim.product, calibrated, stop, onProgress).finally(() => progress?.stop());
    const state = await workClaim(tools, claim, options.policy, scan, log, signal);
    if (state === 'scanned') {
      await keeper.committed(version);
      await watch.update(db, model.id, calibration);
    }
    if (state !== null) tools.onEnded?.(claim.product, state);
    return state;
  } catch (error) {
    // The database is away: nothing was committed, the lease ends by itself and the scan is taken up again.
    if (options.once || !(error instanceof TransientError)) throw error;
    log.warn({ code: error.code, reason: error.message }, 'Scan:DatabaseAway');
    await tools.clock.sleep(TROUBLE_MS, signal).catch(() => undefined);
    return null;
  }
}

function aborted(signal: AbortSignal): Observable<unknown> {
  return signal.aborted ? of(true) : fromEvent(signal, 'abort');
}

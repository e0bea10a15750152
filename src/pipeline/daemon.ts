import {
  EMPTY,
  finalize,
  from,
  fromEvent,
  ignoreElements,
  lastValueFrom,
  merge,
  take,
  tap,
  type Observable,
} from 'rxjs';
import type { ProductLimits } from '../archive/choose/filter-product.js';
import { TransientError } from '../domain/errors.js';
import type { Product } from '../domain/product.js';
import type { ScanState } from '../domain/scan.js';
import type { Database } from '../store/database.js';
import type { ClaimedScan } from '../store/queries/claim-scan.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { startProgress, type Progress } from '../telemetry/progress.js';
import { CalibrationKeeper } from './calibration-keeper.js';
import { claims } from './claims.js';
import { DriftWatch, type DriftPolicy } from './drift-watch.js';
import { pollOnceOnly, polls } from './polls.js';
import { pullMap } from './pull.js';
import { Rest } from './rest.js';
import { scanProduct, type ProductScanTools } from './scan-product.js';
import type { ScorePool } from '../scoring/score-pool.js';
import { Turns } from './turns.js';
import type { ClaimPolicy } from './scan-ending.js';
import { workClaim } from './work-claim.js';

export interface DaemonOptions {
  /** Poll once, scan until the live lane is empty, then end. */
  readonly once: boolean;
  /** Images whose strips are scored at the same time; as many are concluded meanwhile. */
  readonly images: number;
  /** Images that are fetched meanwhile. */
  readonly ahead: number;
  readonly pollEveryMs: number;
  readonly limits: ProductLimits;
  readonly policy: ClaimPolicy;
  readonly drift: DriftPolicy;
  /** Name of this process in the queue. */
  readonly worker: string;
}

/** Work of a deployment beside polling and scanning. Waits out trouble by itself; whatever it throws ends the daemon. */
export interface Job {
  /** Goes on until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** What there is to do, once. */
  once(signal: AbortSignal): Promise<void>;
}

export interface DaemonTools extends Omit<
  ProductScanTools,
  'calibrationVersion' | 'scoring' | 'concluding' | 'limits' | 'pool'
> {
  readonly db: Database;
  /** Null where this process does not scan. */
  readonly pool: ScorePool | null;
  readonly jobs?: readonly Job[];
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Whether this process is the deployment's one poller; asked before each poll. Null where it never polls. */
  readonly mayPoll: (() => Promise<boolean>) | null;
  /** Told of each scan that ended, once what it found is committed. */
  readonly onEnded?: (product: Product, state: ScanState) => void;
}

/** Scans by the state they ended in. */
export type DaemonTally = Partial<Record<ScanState, number>>;

/** How long to wait for a lost database. */
const TROUBLE_MS = 5000;

/**
 * The daemon: polls the archive, claims scans, streams each through the scorers and commits it, and does its other
 * jobs beside; of all that, what it has the tools for. Claims are pulled: no image is claimed before there is room
 * for it.
 */
export async function runDaemon(
  options: DaemonOptions,
  tools: DaemonTools,
  signal: AbortSignal,
): Promise<DaemonTally> {
  const { pool, mayPoll, jobs = [] } = tools;
  const tally: DaemonTally = {};
  const ended = tap((state: ScanState | null) => {
    if (state !== null) tally[state] = (tally[state] ?? 0) + 1;
  });
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const inHand = new Set<Promise<unknown>>();
  const scans = pool === null ? EMPTY : scansOf(options, { ...tools, pool }, inHand, until).pipe(ended);
  const polling = mayPoll === null ? null : { ...tools, mayPoll };
  try {
    if (options.once) {
      if (polling !== null) await pollOnceOnly(options, polling, signal);
      await lastValueFrom(scans, { defaultValue: null });
      for (const job of jobs) if (!signal.aborted) await job.once(signal);
      return tally;
    }
    const beside = jobs.map((job) => from(job.run(until)).pipe(ignoreElements()));
    const polled = polling === null ? EMPTY : polls(options, polling, until);
    const work = merge(polled, scans, ...beside, untilAborted(signal)).pipe(finalize(() => stop.abort()));
    await lastValueFrom(work, { defaultValue: null });
    return tally;
  } finally {
    // Where one part of the work ends the others by an error, scans in hand are given back all the same.
    stop.abort();
    await Promise.allSettled(inHand);
  }
}

/** Ends when the daemon is to end: one that only serves the page has no other work. */
function untilAborted(signal: AbortSignal): Observable<never> {
  return signal.aborted ? EMPTY : fromEvent(signal, 'abort').pipe(take(1), ignoreElements());
}

/** A tools set that can scan. */
type ScanningTools = DaemonTools & { readonly pool: ScorePool };

/** @param inHand holds what was claimed and has not ended */
function scansOf(
  options: DaemonOptions,
  tools: ScanningTools,
  inHand: Set<Promise<unknown>>,
  signal: AbortSignal,
): Observable<ScanState | null> {
  const keeper = new CalibrationKeeper(tools.db, tools.model, tools.log);
  const watch = new DriftWatch(options.drift, tools.metrics, tools.log);
  const [scoring, concluding] = [new Turns(options.images), new Turns(options.images)];
  const rest = new Rest();
  const claimed = claims(options, tools, rest, () => inHand.size, signal);
  return pullMap(claimed, options.images + options.ahead, async (claim) => {
    const work = scanClaim(claim, options, { ...tools, keeper, watch, scoring, concluding, rest }, signal);
    inHand.add(work);
    try {
      return await work;
    } finally {
      inHand.delete(work);
    }
  });
}

async function scanClaim(
  claim: ClaimedScan,
  options: DaemonOptions,
  tools: ScanningTools & {
    readonly keeper: CalibrationKeeper;
    readonly watch: DriftWatch;
    readonly scoring: Turns;
    readonly concluding: Turns;
    readonly rest: Rest;
  },
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
    await tools.screening?.refresh();
    const calibrated = {
      ...tools,
      onStage: tools.metrics.onStage,
      limits: options.limits,
      model: { ...model, calibration },
      calibrationVersion: version,
      onRefusedIsd: (_: string, reason: string) => log.warn({ reason }, 'Scan:CameraModelRefused'),
    };
    const scan = (stop: AbortSignal) =>
      scanProduct(claim.product, claim.announcedAt, calibrated, stop, onProgress).finally(() =>
        progress?.stop(),
      );
    const claimTools = { ...tools, rest: (ms: number) => tools.rest.take(ms) };
    const state = await workClaim(claimTools, claim, options.policy, scan, log, signal);
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

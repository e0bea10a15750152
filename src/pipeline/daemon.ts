import { finalize, lastValueFrom, merge, tap } from 'rxjs';
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
import { Turns } from './turns.js';
import type { ClaimPolicy } from './scan-ending.js';
import { workClaim } from './work-claim.js';

export interface DaemonOptions {
  /** Poll once, scan until the live lane is empty, then end. */
  readonly once: boolean;
  /** Images scanned at the same time. */
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

export interface DaemonTools extends Omit<ProductScanTools, 'calibrationVersion' | 'turns' | 'limits'> {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Whether this process is the deployment's one poller; asked before each poll. */
  readonly mayPoll: () => Promise<boolean>;
  /** Told of each scan that ended, once what it found is committed. */
  readonly onEnded?: (product: Product, state: ScanState) => void;
}

/** Scans by the state they ended in. */
export type DaemonTally = Partial<Record<ScanState, number>>;

/** How long to wait for a lost database. */
const TROUBLE_MS = 5000;

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
  const turns = new Turns(options.images);
  const rest = new Rest(tools.clock);
  let inWork = 0;
  const claimed = claims(options, tools, rest, () => inWork, signal);
  const scans = pullMap(claimed, options.images + options.ahead, async (claim) => {
    inWork++;
    try {
      return await scanClaim(claim, options, { ...tools, keeper, watch, turns, rest }, signal);
    } finally {
      inWork--;
    }
  }).pipe(
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

async function scanClaim(
  claim: ClaimedScan,
  options: DaemonOptions,
  tools: DaemonTools & {
    readonly keeper: CalibrationKeeper;
    readonly watch: DriftWatch;
    readonly turns: Turns;
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

import {
  NEVER,
  defer,
  finalize,
  from,
  fromEvent,
  ignoreElements,
  of,
  race,
  repeat,
  takeUntil,
  timer,
  type Observable,
} from 'rxjs';
import type { ArchiveSource } from '../archive/archive-source.js';
import type { ProductLimits } from '../archive/choose/filter-product.js';
import { isUserFacing } from '../domain/errors.js';
import type { Database } from '../store/database.js';
import { readPauses } from '../store/queries/pauses.js';
import { takeQueue } from '../store/queries/take-queue.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { pollOnce } from './poll.js';
import { assertSameModel, isOtherModel } from './same-model.js';

export interface PollOptions {
  readonly pollEveryMs: number;
  readonly limits: ProductLimits;
}

export interface PollTools {
  readonly db: Database;
  readonly archive: ArchiveSource;
  readonly model: { readonly id: string };
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Whether this process is the deployment's one poller; asked before each poll. */
  readonly mayPoll: () => Promise<boolean>;
}

/**
 * How soon to ask again after a poll that is paused, or that another process is there for; after one that failed, and
 * twice as late each time that it fails again.
 */
const POLL_AGAIN_MS = 60_000;

/**
 * One poll at a time, the first at once, the next after a while or when the archive has news; ends when `signal`
 * aborts. Waits out all trouble.
 * @throws OperationalError `other_model` where another model became the active one
 */
export function polls(options: PollOptions, tools: PollTools, signal: AbortSignal): Observable<never> {
  let waitMs = 0;
  let failures = 0;
  return defer(async () => {
    const outcome = await pollPatiently(options, tools, signal);
    failures = outcome === 'failed' ? failures + 1 : 0;
    const again = POLL_AGAIN_MS * 2 ** Math.min(Math.max(failures - 1, 0), 20);
    waitMs = outcome === 'polled' ? options.pollEveryMs : Math.min(options.pollEveryMs, again);
  }).pipe(
    repeat({ delay: () => race(timer(waitMs), news(tools.archive, signal)) }),
    ignoreElements(),
    takeUntil(aborted(signal)),
  );
}

/** Emits once when the archive tells that it has something new; never where it cannot tell. */
function news(archive: ArchiveSource, signal: AbortSignal): Observable<unknown> {
  if (archive.news === undefined) return NEVER;
  const waiting = new AbortController();
  const until = AbortSignal.any([signal, waiting.signal]);
  // One that cannot be watched is polled.
  const told = archive.news(until).catch(() => new Promise<void>(() => undefined));
  return from(told).pipe(finalize(() => waiting.abort()));
}

/** The one poll of `--once`: its trouble is the command's, but a shutdown is an orderly end. */
export async function pollOnceOnly(
  options: PollOptions,
  tools: PollTools,
  signal: AbortSignal,
): Promise<void> {
  try {
    await pollWhenOurs(options, tools, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** How a poll ended; `left`: it is paused, another process polls, or the daemon stops. */
type PollOutcome = 'polled' | 'left' | 'failed';

/** A poll of many, which wait out trouble. */
async function pollPatiently(
  options: PollOptions,
  tools: PollTools,
  signal: AbortSignal,
): Promise<PollOutcome> {
  try {
    return (await pollWhenOurs(options, tools, signal)) ? 'polled' : 'left';
  } catch (error) {
    if (signal.aborted) return 'left';
    if (isOtherModel(error)) throw error;
    tools.metrics.polls.inc({ outcome: 'failed' });
    // What nobody foresaw of an archive's answer is no reason to stop scanning what is queued.
    if (isUserFacing(error)) tools.log.warn({ code: error.code, reason: error.message }, 'Poll:Failed');
    else tools.log.error({ err: error }, 'Poll:Failed');
    return 'failed';
  }
}

/** Whether this process polled; the deployment has one poller at a time. */
async function pollWhenOurs(options: PollOptions, tools: PollTools, signal: AbortSignal): Promise<boolean> {
  const { live, backfill } = await readPauses(tools.db);
  if (live !== undefined && backfill !== undefined) {
    tools.log.info({}, 'Poll:Paused');
    return false;
  }
  if (await tools.mayPoll()) {
    const { db, model, log } = tools;
    await assertSameModel(db, model.id);
    const taken = await takeQueue(db, model.id);
    if (taken > 0) log.info({ scans: taken }, 'Poll:TakenFromOtherModel');
    await poll(options, tools, signal);
    return true;
  }
  tools.log.info({}, 'Poll:LeftToAnother');
  return false;
}

async function poll({ limits }: PollOptions, tools: PollTools, signal: AbortSignal): Promise<void> {
  const counts = await pollOnce(tools.db, tools.archive, limits, tools.model.id, tools.log, signal);
  tools.metrics.polls.inc({ outcome: counts.queued > 0 ? 'new' : 'nothing_new' });
  tools.log.info(counts, 'Poll:Done');
}

function aborted(signal: AbortSignal): Observable<unknown> {
  return signal.aborted ? of(true) : fromEvent(signal, 'abort');
}

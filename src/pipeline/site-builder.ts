import type { Clock } from '../domain/clock.js';
import type { SiteEvent } from '../domain/site.js';
import type { SiteOptions } from '../sites/site-options.js';
import type { Database, Queryable } from '../store/database.js';
import { getSetting } from '../store/queries/get-setting.js';
import { putSetting } from '../store/queries/put-setting.js';
import { countPendingScans, markAllSitesPending, pendingScans } from '../store/queries/site-pending.js';
import type { Logger } from '../telemetry/logger.js';
import { putBareOverviews } from './bare-overviews.js';
import { buildSites } from './build-sites.js';
import { registerScans } from './register-scans.js';

/** Scans that are built together: some seconds of work, so that commits of the same ground do not wait for long. */
const BATCH = 8;
/** Setting that tells by which rule and options the sites were built. */
const BUILT_BY = 'sites.built_by';
/** Changes with the way in which sites are made. */
const RULE = 1;
/** After trouble the builder rests, at first for so long, then twice as long each time. */
const TROUBLE_MS = 5000;
const LONGEST_TROUBLE_MS = 300_000;
/** Another process builds: how often to look whether it is done. */
const WAIT_MS = 1000;

export interface SiteBuilderTools {
  readonly db: Database;
  readonly log: Logger;
  readonly clock: Clock;
  readonly options: SiteOptions;
  /** How often to look for scans that were committed. */
  readonly everyMs: number;
  /** Whether this process is the deployment's one site builder; asked before each build. */
  readonly mayBuild: () => Promise<boolean>;
  /** Told what each build made of sites, within its transaction: what it writes there stands or falls with them. */
  readonly onEvents?: (tx: Queryable, events: readonly SiteEvent[]) => Promise<void>;
}

export interface SiteTally {
  /** Scans around which sites were built. */
  readonly scans: number;
  /** Pairs of images that were compared, and those of them that match. */
  readonly compared: number;
  readonly accepted: number;
  readonly events: number;
}

export interface SiteBuilder {
  /** Builds whenever scans were committed, until the signal aborts; waits out all trouble. */
  run(signal: AbortSignal): Promise<void>;
  /** Builds all that waits, or waits for the process that does. */
  buildOnce(signal?: AbortSignal): Promise<SiteTally>;
}

/** The role `site`: keeps the sites up to date with committed scans. */
export function createSiteBuilder(tools: SiteBuilderTools): SiteBuilder {
  const { db, log, clock, options, everyMs, mayBuild } = tools;

  async function buildAll(signal: AbortSignal): Promise<SiteTally> {
    let tally: SiteTally = { scans: 0, compared: 0, accepted: 0, events: 0 };
    await checkRule(db, options);
    while (!signal.aborted && (await mayBuild())) {
      const batch = await buildBatch(tools, signal).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (batch === null) break;
      tally = {
        scans: tally.scans + batch.scans,
        compared: tally.compared + batch.compared,
        accepted: tally.accepted + batch.accepted,
        events: tally.events + batch.events,
      };
    }
    if (tally.scans > 0) log.info({ ...tally }, 'Site:Built');
    return tally;
  }

  return {
    async buildOnce(signal = new AbortController().signal) {
      for (;;) {
        if (await mayBuild()) return await buildAll(signal);
        if (signal.aborted || (await countPendingScans(db)) === 0)
          return { scans: 0, compared: 0, accepted: 0, events: 0 };
        await clock.sleep(WAIT_MS, signal).catch(() => undefined);
      }
    },
    async run(signal) {
      let troubles = 0;
      while (!signal.aborted) {
        let restMs = everyMs;
        try {
          if (await mayBuild()) await buildAll(signal);
          troubles = 0;
        } catch (error) {
          if (signal.aborted) return;
          restMs = Math.min(TROUBLE_MS * 2 ** troubles++, LONGEST_TROUBLE_MS);
          log.warn({ err: error, again_s: restMs / 1000 }, 'Site:BuildFailed');
        }
        await clock.sleep(restMs, signal).catch(() => undefined);
      }
    },
  };
}

/** Sites that were built by other options are built anew. */
async function checkRule(db: Database, options: SiteOptions): Promise<void> {
  const by = JSON.stringify([RULE, options]);
  if ((await getSetting(db, BUILT_BY)) === by) return;
  await db.transaction(async (tx) => {
    await markAllSitesPending(tx);
    await putSetting(tx, BUILT_BY, by);
  });
}

/** Null where no scan waits. */
async function buildBatch(tools: SiteBuilderTools, signal: AbortSignal): Promise<SiteTally | null> {
  const { db, options, onEvents } = tools;
  const listed = await pendingScans(db, BATCH);
  if (listed.length === 0) return null;
  await putBareOverviews(
    db,
    listed.filter(({ hasOverview }) => !hasOverview).map(({ scanId }) => scanId),
  );
  const wanted = new Set(listed.map(({ scanId }) => scanId));
  const pending = (await pendingScans(db, BATCH)).filter(({ scanId }) => wanted.has(scanId));
  const cells = [...new Set(pending.flatMap((scan) => scan.cells))];
  const { compared, accepted } = await registerScans(db, [...wanted], cells, options, signal);
  const events = await db.transaction(async (tx) => {
    const made = await buildSites(tx, pending, options);
    if (onEvents !== undefined && made.length > 0) await onEvents(tx, made);
    return made;
  });
  return { scans: pending.length, compared, accepted, events: events.length };
}

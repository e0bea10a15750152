import { hostname } from 'node:os';
import { configHash } from '../config/hash.js';
import type { Config } from '../config/schema.js';
import type { Product } from '../domain/product.js';
import type { ScanState } from '../domain/scan.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { archiveObserver } from '../pipeline/archive-observer.js';
import { createDeploymentGate } from '../pipeline/deployment-gate.js';
import { runDaemon, type DaemonOptions, type DaemonTally, type Job } from '../pipeline/daemon.js';
import { removeAbandonedDownloads } from '../archive/fetch/download-folder.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { otherModel } from '../pipeline/same-model.js';
import { createSiteBuilder } from '../pipeline/site-builder.js';
import type { Shutdown } from '../pipeline/shutdown.js';
import type { EngineInfo } from '../scoring/scorer.js';
import type { Database } from '../store/database.js';
import { activateModel } from '../store/queries/activate-model.js';
import { activeModel } from '../store/queries/active-model.js';
import { newestBounds, widenBounds } from '../store/queries/model-bounds.js';
import { queueSiteAlerts } from '../store/queries/queue-site-alerts.js';
import { registerModel } from '../store/queries/register-model.js';
import { createAlertMetrics } from '../telemetry/alert-metrics.js';
import { systemClock } from '../telemetry/clock.js';
import { createMetrics, registerInfo, type Metrics } from '../telemetry/metrics.js';
import type { CommandContext } from './context.js';
import { openDeliverer } from './open-deliverer.js';
import { claimPolicy, fallbackMs, productLimits, siteOptions } from './limits.js';
import { openSource } from './open-archive.js';
import { openScoring } from './open-scoring.js';
import { openTerrain } from './open-terrain.js';
import { downloadDir, gateOptions, openArea, openHttpClient, openModel } from './parts.js';
import { serveHttp, type ServeOptions } from './serve-http.js';
import { codeVersion } from './version.js';

export interface WatchOptions extends ServeOptions {
  /** Poll once, scan until the live lane is empty, then end. */
  readonly once: boolean;
  /** Whether to serve the page, health and metrics. */
  readonly serve: boolean;
  /** Whether this process may poll now; asked before each poll. */
  readonly mayPoll: () => Promise<boolean>;
  /** Whether this process may deliver alerts now; asked before each round. */
  readonly mayDeliver: () => Promise<boolean>;
  /** Whether it may build sites now; asked before each build. */
  readonly mayBuild: () => Promise<boolean>;
  readonly onEnded?: (product: Product, state: ScanState) => void;
}

export interface Watched {
  readonly tally: DaemonTally;
  readonly modelId: string;
  /** Null where this process does not scan. */
  readonly engine: EngineInfo | null;
}

/**
 * The daemon on a database that is open and up to date, with its model, scorers, archive and server. What it
 * opens is closed by `shutdown`, which also ends it.
 *
 * @throws OperationalError where the database works with another model, or the server's port is taken
 */
export async function watch(
  { config, log }: CommandContext,
  db: Database,
  options: WatchOptions,
  shutdown: Shutdown,
): Promise<Watched> {
  const model = await openModel(config);
  await useModel(db, model);
  const { roles } = options;
  const metrics = createMetrics();
  if (options.serve) await serveHttp({ config, log }, db, model.id, metrics, options, shutdown);
  const scoring = roles.has('scan')
    ? await openScoring(config, model, {
        listeners: { log, metrics },
        store: {
          newest: () => newestBounds(db, model.id),
          add: (widening) => widenBounds(db, model.id, widening),
        },
      })
    : notScanning(config, model);
  const { pool } = scoring;
  metrics.scoreThreads.work = () => (pool?.work ? { threads: pool.workers, ...pool.work } : null);
  shutdown.onRelease('scorers', () => pool?.close() ?? Promise.resolve());
  registerInfo(metrics, {
    version: codeVersion(),
    model: model.id,
    roles: [...roles].join(','),
  });
  const dem = await openTerrain(config);
  shutdown.onRelease('terrain', () => dem?.close() ?? Promise.resolve());
  await removeAbandonedDownloads(downloadDir(config));
  const worker = `${hostname()}:${process.pid}`;
  const observer = archiveObserver(metrics);
  const gate = createDeploymentGate(db, {
    ...gateOptions(config),
    holder: worker,
    observer,
  });
  const area = openArea(config, (line) => log.info({}, `Fetch:WaitsForRoom: ${line}`));
  await area.parts.sweep();
  const archive = openSource(config, { client: openHttpClient(config, gate, observer), area, log });
  shutdown.onRelease('archive', () => archive.close());
  log.info(
    {
      model: model.id,
      roles: [...roles],
      engine: pool?.info ?? null,
      workers: pool?.workers ?? 0,
      mode: pool === null ? null : scoring.options.mode,
      archive: archive.id,
      urls: config.archive.source === 'folder' ? [] : config.archive.urls,
      version: codeVersion(),
    },
    'Run:Started',
  );
  // Sites first: alerts may follow from what they say.
  const jobs = [
    ...(roles.has('site') ? [building({ config, log }, db, options)] : []),
    ...(roles.has('deliver') ? [await delivering({ config, log }, db, options, metrics)] : []),
  ];
  const tally = await runDaemon(
    daemonOptions(config, worker, options.once),
    {
      db,
      archive,
      ...scoring,
      dem,
      log,
      metrics,
      clock: systemClock,
      downloadDir: downloadDir(config),
      fallbackMs: fallbackMs(config),
      codeVersion: codeVersion(),
      configHash: configHash(config),
      mayPoll: roles.has('poll') ? options.mayPoll : null,
      jobs,
      ...(options.onEnded === undefined ? {} : { onEnded: options.onEnded }),
    },
    shutdown.signal,
  );
  return { tally, modelId: model.id, engine: pool?.info ?? null };
}

/** Sites, built of what is committed. */
function building(
  { config, log }: Pick<CommandContext, 'config' | 'log'>,
  db: Database,
  { mayBuild }: WatchOptions,
): Job {
  const sites = createSiteBuilder({
    db,
    log,
    clock: systemClock,
    options: siteOptions(config),
    everyMs: config.sites.every_s * 1000,
    mayBuild,
    onEvents: async (tx, events) => void (await queueSiteAlerts(tx, events)),
  });
  return {
    run: (signal) => sites.run(signal),
    once: async (signal) => void (await sites.buildOnce(signal)),
  };
}

/** Alerts, sent beside the scans. What a receiver does not take in time waits for the next round, or the next run. */
async function delivering(
  { config, log }: Pick<CommandContext, 'config' | 'log'>,
  db: Database,
  { mayDeliver }: WatchOptions,
  { registry }: Metrics,
): Promise<Job> {
  const deliverer = await openDeliverer(config, db, {
    log,
    mayDeliver,
    metrics: createAlertMetrics(registry),
  });
  return {
    // The scans go on without it.
    run: (signal) => deliverer.run(signal).catch((err: unknown) => log.error({ err }, 'Deliver:Ended')),
    once: async (signal) => void (await deliverer.deliverDue(signal)),
  };
}

/** In place of scoring threads, for a process that leaves scanning to others. */
function notScanning(config: Config, model: ModelFolder) {
  const options = scanOptions(config, model.manifest.architecture.tileSize, 'exact');
  return { model, pool: null, options, screening: null };
}

/** A deployment scans with its active model; the first start activates the configured one. */
async function useModel(db: Database, model: ModelFolder): Promise<void> {
  await registerModel(db, { id: model.id, manifest: model.manifest, calibration: model.calibration });
  const active = await activeModel(db);
  if (active === null) await activateModel(db, model.id);
  else if (active !== model.id) throw otherModel(active, model.id);
}

function daemonOptions(config: Config, worker: string, once: boolean): DaemonOptions {
  const { archive, queue } = config;
  return {
    once,
    worker,
    images: queue.images,
    ahead: queue.ahead,
    drift: config.drift,
    pollEveryMs: archive.poll_minutes * 60_000,
    limits: productLimits(config),
    policy: claimPolicy(config),
  };
}

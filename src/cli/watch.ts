import { hostname } from 'node:os';
import { configHash } from '../config/hash.js';
import type { Config } from '../config/schema.js';
import { OperationalError } from '../domain/errors.js';
import type { Product } from '../domain/product.js';
import type { ScanState } from '../domain/scan.js';
import { startHttpServer } from '../http/server.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { archiveObserver } from '../pipeline/archive-observer.js';
import { createDeploymentGate } from '../pipeline/deployment-gate.js';
import { runDaemon, type DaemonOptions, type DaemonTally } from '../pipeline/daemon.js';
import { deploymentStatus } from '../pipeline/deployment-status.js';
import { removeAbandonedDownloads } from '../pipeline/download-folder.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { createSiteBuilder } from '../pipeline/site-builder.js';
import type { Shutdown } from '../pipeline/shutdown.js';
import type { EngineInfo } from '../scoring/scorer.js';
import type { Database } from '../store/database.js';
import { activateModel } from '../store/queries/activate-model.js';
import { activeModel } from '../store/queries/active-model.js';
import { putSetting } from '../store/queries/put-setting.js';
import { registerModel } from '../store/queries/register-model.js';
import { systemClock } from '../telemetry/clock.js';
import { createMetrics } from '../telemetry/metrics.js';
import type { CommandContext } from './context.js';
import { claimPolicy, fallbackMs, productLimits, siteOptions } from './limits.js';
import { qgisProject, type WriteGeoPackage } from './qgis-project.js';
import { createResultReader } from './result-reader.js';
import { openSource } from './open-archive.js';
import { openTerrain } from './open-terrain.js';
import { downloadDir, gateOptions, openArea, openHttpClient, openModel, openPool } from './parts.js';
import { codeVersion } from './version.js';

export interface WatchOptions {
  /** Poll once, scan until the live lane is empty, then end. */
  readonly once: boolean;
  /** Whether to serve the page, health and metrics. */
  readonly serve: boolean;
  /** Whether this process may poll now; asked before each poll. */
  readonly mayPoll: () => Promise<boolean>;
  /** Whether it may build sites now; asked before each build. */
  readonly mayBuild: () => Promise<boolean>;
  /** Told the address when the server listens. */
  readonly onListening?: (address: string) => void;
  readonly onEnded?: (product: Product, state: ScanState) => void;
  /** Where nobody can connect to the database: writes what a QGIS project carries of it. */
  readonly writeGeoPackage?: WriteGeoPackage;
}

export interface Watched {
  readonly tally: DaemonTally;
  readonly modelId: string;
  readonly engine: EngineInfo;
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
  const metrics = createMetrics();
  if (options.serve) {
    const vitals = {
      ready: async () => void (await db.query('SELECT 1')),
      status: () => deploymentStatus(db, model.id),
    };
    const server = await startHttpServer(config.http, vitals, metrics, createResultReader(db), (view) =>
      qgisProject(config, db, view, options.writeGeoPackage),
    );
    shutdown.onRelease('http', () => server.close());
    await putSetting(db, 'http.url', config.http.url === '' ? server.address : config.http.url);
    log.info({ address: server.address }, 'Http:Listening');
    options.onListening?.(server.address);
  }
  const pool = await openPool(config, model);
  shutdown.onRelease('scorers', () => pool.close());
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
      engine: pool.info,
      workers: pool.workers,
      archive: archive.id,
      urls: config.archive.source === 'folder' ? [] : config.archive.urls,
      version: codeVersion(),
    },
    'Run:Started',
  );
  const sites = createSiteBuilder({
    db,
    log,
    clock: systemClock,
    options: siteOptions(config),
    everyMs: config.sites.every_s * 1000,
    mayBuild: options.mayBuild,
  });
  const ended = new AbortController();
  const building = options.once
    ? Promise.resolve()
    : sites.run(AbortSignal.any([shutdown.signal, ended.signal]));
  const daemon = runDaemon(
    daemonOptions(config, worker, options.once),
    {
      db,
      archive,
      model,
      pool,
      dem,
      options: scanOptions(config, model.manifest.architecture.tileSize),
      log,
      metrics,
      clock: systemClock,
      downloadDir: downloadDir(config),
      fallbackMs: fallbackMs(config),
      codeVersion: codeVersion(),
      configHash: configHash(config),
      mayPoll: options.mayPoll,
      ...(options.onEnded === undefined ? {} : { onEnded: options.onEnded }),
    },
    shutdown.signal,
  );
  const tally = await daemon.finally(async () => {
    ended.abort();
    await building;
  });
  if (options.once) await sites.buildOnce(shutdown.signal);
  return { tally, modelId: model.id, engine: pool.info };
}

/** A deployment scans with its active model; the first start activates the configured one. */
async function useModel(db: Database, model: ModelFolder): Promise<void> {
  await registerModel(db, { id: model.id, manifest: model.manifest, calibration: model.calibration });
  const active = await activeModel(db);
  if (active === null) await activateModel(db, model.id);
  else if (active !== model.id)
    throw new OperationalError(
      'other_model',
      `The database's active model is ${active}, but model.path gives ${model.id}; set model.path to the active model's folder.`,
    );
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

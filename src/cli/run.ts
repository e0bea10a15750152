import { hostname } from 'node:os';
import { Command } from 'commander';
import { configHash } from '../config/hash.js';
import type { Config } from '../config/schema.js';
import { OperationalError } from '../domain/errors.js';
import { startHttpServer } from '../http/server.js';
import { createDeploymentGate } from '../pipeline/deployment-gate.js';
import { runDaemon, type DaemonOptions } from '../pipeline/daemon.js';
import { removeAbandonedDownloads } from '../pipeline/download-folder.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { Shutdown } from '../pipeline/shutdown.js';
import type { Database } from '../store/database.js';
import { activateModel } from '../store/queries/activate-model.js';
import { activeModel } from '../store/queries/active-model.js';
import { queueStatus } from '../store/queries/queue-status.js';
import { registerModel } from '../store/queries/register-model.js';
import { systemClock } from '../telemetry/clock.js';
import { createMetrics } from '../telemetry/metrics.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { PATIENCE_MS, downloadDir, openArchive, openCurrentDatabase, openModel, openPool } from './parts.js';
import { createPollerLock } from './poller-lock.js';
import { codeVersion } from './version.js';

export function runCommand(): Command {
  return new Command('run')
    .description('watch the archive: scan what is new and write detections to PostGIS (DATABASE_URL)')
    .option('--once', 'poll once, scan until the live lane is empty, then end (serves no HTTP)')
    .action(async (options: { once?: boolean; config?: string; json?: boolean }) => {
      const context = contextOf(options);
      const shutdown = new Shutdown(context.log);
      try {
        await run(context, options.once === true, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

async function run(context: CommandContext, once: boolean, shutdown: Shutdown): Promise<void> {
  const { config, log } = context;
  const started = performance.now();
  const db = await openCurrentDatabase(config);
  shutdown.onRelease('database', () => db.close());
  const model = await openModel(config);
  const options = scanOptions(config, model.manifest.architecture.tileSize);
  await useModel(db, model);
  const metrics = createMetrics();
  if (!once) {
    const vitals = {
      ready: async () => void (await db.query('SELECT 1')),
      status: () => queueStatus(db, model.id),
    };
    const server = await startHttpServer(config.http, vitals, metrics);
    shutdown.onRelease('http', () => server.close());
    log.info({ address: server.address }, 'Http:Listening');
  }
  const pool = await openPool(config, model);
  shutdown.onRelease('scorers', () => pool.close());
  await removeAbandonedDownloads(downloadDir(config));
  const worker = `${hostname()}:${process.pid}`;
  const gate = createDeploymentGate(db, {
    holder: worker,
    spacingMs: config.archive.spacing_ms,
    patienceMs: PATIENCE_MS,
    clock: systemClock,
  });
  const archive = openArchive(config, gate);
  shutdown.onRelease('archive', () => archive.close());
  const lock = createPollerLock(config.database.url);
  shutdown.onRelease('poller lock', () => lock.release());
  log.info(
    {
      model: model.id,
      engine: pool.info,
      workers: pool.workers,
      archive: config.archive.urls,
      version: codeVersion(),
    },
    'Run:Started',
  );
  const tally = await runDaemon(
    daemonOptions(config, worker, once),
    {
      db,
      archive,
      model,
      pool,
      options,
      log,
      metrics,
      clock: systemClock,
      downloadDir: downloadDir(config),
      codeVersion: codeVersion(),
      configHash: configHash(config),
      mayPoll: () => lock.held(),
    },
    shutdown.signal,
  );
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  const { live } = (await queueStatus(db, model.id)).lanes;
  const left = { queued: live.queued, claimed: live.claimed };
  const scanned = tally.scanned ?? 0;
  const rest = Object.entries(tally).filter(([state]) => state !== 'scanned');
  answer(
    context,
    { scans: tally, left, seconds, model: model.id, engine: pool.info.engine, device: pool.info.device },
    [
      `${scanned} ${scanned === 1 ? 'image' : 'images'} scanned in ${seconds} s${rest.map(([state, count]) => `, ${count} ${state}`).join('')}.`,
      ...(left.queued + left.claimed === 0
        ? []
        : [
            `Left for a later run: ${left.queued} that wait to be tried again, ${left.claimed} claimed by other workers.`,
          ]),
    ],
  );
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
    pollEveryMs: archive.poll_minutes * 60_000,
    limits: {
      maxIncidenceDeg: archive.max_incidence,
      maxEmissionDeg: archive.max_emission,
      maxResolutionM: archive.max_resolution,
      minLines: archive.min_lines,
      samples: archive.summed ? [5064, 2532] : [5064],
    },
    policy: {
      leaseSeconds: queue.lease_s,
      maxAttempts: queue.attempts,
      retrySeconds: queue.retry_s,
      missingSeconds: queue.missing_hours * 3600,
    },
  };
}

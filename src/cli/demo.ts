import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Config } from '../config/schema.js';
import { secretsOf } from '../config/secrets.js';
import { OperationalError } from '../domain/errors.js';
import { ALL_ROLES } from '../domain/role.js';
import type { KnownObject } from '../domain/reference.js';
import { createDownloadFolder, removeAbandonedDownloads } from '../archive/fetch/download-folder.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { startReplica, type Replica } from '../replica/replica.js';
import type { TruthEntry } from '../replica/truth.js';
import type { Database } from '../store/database.js';
import { listDetections } from '../store/queries/list-detections.js';
import { putKnownObjects } from '../store/queries/put-known-objects.js';
import { createLogger } from '../telemetry/logger.js';
import { printLines } from '../telemetry/progress.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { DemoReport } from './demo-report.js';
import { currentGeoPackage } from './export-project.js';
import { isPortFree } from './free-port.js';
import { whole } from './numbers.js';
import { openEmbeddedDatabase } from './parts.js';
import { watch } from './watch.js';

interface DemoArguments {
  readonly images: number;
  readonly lines: number;
  readonly seed: number;
  readonly port?: number;
  readonly once?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

/** One watches the first release this long after it is scanned before the archive releases another. */
const NEXT_RELEASE_MS = 20_000;
/** How often the demo's daemon asks the archive, minutes: the real one is asked twice a day. */
const POLL_MINUTES = 0.1;
/** How well the demo's catalogue knows its landers' places, metres. */
const KNOWN_TO_M = 20;

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'the whole product on this machine: a local archive, an embedded database and the real daemon',
    )
    .option('--images <count>', 'images in each release', whole(1, 100), 3)
    .option('--lines <count>', 'lines of each image', whole(1088, 52_224), 4096)
    .option('--seed <number>', 'another seed gives other images', whole(0, 2 ** 31 - 1), 1)
    .option('--port <port>', 'port of the page on 127.0.0.1, 0 = any free one', whole(0, 65_535))
    .option('--once', 'end when the first release is scanned')
    .action(async (options: DemoArguments) => {
      const context = await demoContext(options);
      const shutdown = new Shutdown(context.log);
      try {
        await demo(context, options, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

async function demo(context: CommandContext, options: DemoArguments, shutdown: Shutdown): Promise<void> {
  const started = performance.now();
  const { images, lines, seed, once = false } = options;
  const say = (...text: string[]) => {
    if (!context.json) printLines(text);
  };
  shutdown.signal.addEventListener('abort', () => say('', 'stopping: the work in hand is given up'));
  await removeAbandonedDownloads(tmpdir());
  const dir = await createDownloadFolder(tmpdir(), 'demo');
  shutdown.onRelease('folder', () => rm(dir, { recursive: true, force: true }));
  const replica = await startReplica({ port: 0, seed, images, lines });
  shutdown.onRelease('replica', () => replica.close());
  say(`archive   ${replica.address} has released ${images} synthetic images of 5064 x ${lines} pixels`);
  const db = await openEmbeddedDatabase(join(dir, 'database'));
  shutdown.onRelease('database', () => db.close());
  const truth = await knownLanders(db, replica);
  say(`database  PostGIS in this process, with ${landersOf(truth).length} landers that a catalogue knows`);

  const ended = new DemoReport(db, truth, say);
  const { engine, tally } = await watch(
    withArchive(context, replica, dir),
    db,
    {
      once,
      roles: ALL_ROLES,
      serve: true,
      mayPoll: () => Promise.resolve(true),
      mayDeliver: () => Promise.resolve(true),
      mayBuild: () => Promise.resolve(true),
      writeGeoPackage: currentGeoPackage(db),
      onListening: (address) => say(`page      ${address}`),
      onEnded: (product) => {
        ended.add(product.productId);
        if (!once && ended.count === images)
          void releaseAnother(replica, db, ended, say, shutdown.signal).catch(() => undefined);
      },
    },
    shutdown,
  );
  const scanned = await ended.images();
  const detections = await listDetections(db, { limit: Number.MAX_SAFE_INTEGER });
  if (once && (tally.scanned ?? 0) < images) process.exitCode = 1;
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  answer(
    context,
    {
      images: scanned,
      detections: detections.length,
      seconds,
      engine: engine?.engine,
      device: engine?.device,
    },
    [
      '',
      `${scanned.length} images, ${detections.length} detections in ${seconds} s on ${engine?.engine} ${engine?.device}.`,
    ],
  );
}

async function releaseAnother(
  replica: Replica,
  db: Database,
  report: DemoReport,
  say: (...text: string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  await report.images();
  say('', `archive   releases another volume in ${NEXT_RELEASE_MS / 1000} s; Ctrl-C ends the demo`);
  await sleep(NEXT_RELEASE_MS, undefined, { signal });
  const volume = replica.release();
  report.learn(await knownLanders(db, replica));
  say(`archive   has released ${volume}; more on: curl -X POST ${replica.address}release`);
}

/** The planted landers stand in the catalogue of known objects; rovers, debris and tracks do not. */
async function knownLanders(db: Database, replica: Replica): Promise<readonly TruthEntry[]> {
  const truth = await replica.truth();
  const landers = landersOf(truth).map((entry, i, all): KnownObject => {
    const first = all.findIndex(({ product_id }) => product_id === entry.product_id);
    return {
      name: `Lander ${i - first + 1} of ${entry.product_id}`,
      kind: entry.kind,
      lon: entry.lon,
      lat: entry.lat,
      uncertaintyM: KNOWN_TO_M,
      source: 'planted by the demo',
    };
  });
  await putKnownObjects(db, landers);
  return truth;
}

function landersOf(truth: readonly TruthEntry[]): readonly TruthEntry[] {
  return truth.filter(({ kind }) => kind === 'lander');
}

/**
 * On a terminal the bars and tables say it all; elsewhere log lines do. The page takes the port that is asked for,
 * else the usual one, else any free one.
 */
async function demoContext(options: DemoArguments): Promise<CommandContext> {
  const context = contextOf(options);
  const quiet = process.stderr.isTTY && context.config.log.level === 'info';
  const host = '127.0.0.1';
  const wanted = options.port ?? context.config.http.port;
  const free = await isPortFree(host, wanted);
  if (!free && options.port !== undefined)
    throw new OperationalError(
      'port_in_use',
      `${host}:${wanted} is in use by another process; choose another port by --port, 0 for any free one.`,
    );
  const http = { ...context.config.http, host, port: free ? wanted : 0, url: '' };
  return {
    ...context,
    config: { ...context.config, http },
    log: quiet ? createLogger('warn', 'demo', secretsOf(context.config)) : context.log,
  };
}

function withArchive(context: CommandContext, replica: Replica, dir: string): CommandContext {
  const archive: Config['archive'] = {
    ...context.config.archive,
    source: 'index',
    urls: [replica.address],
    spacing_ms: 0,
    poll_minutes: POLL_MINUTES,
    download_dir: dir,
  };
  return { ...context, config: { ...context.config, archive } };
}

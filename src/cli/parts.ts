import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveObserver } from '../archive/http/archive-observer.js';
import type { BreakerLimits } from '../archive/politeness/circuit.js';
import { openDownloadArea, type DownloadArea } from '../archive/fetch/download-area.js';
import { createLocalGate, type HostGate } from '../archive/politeness/host-gate.js';
import { HttpClient } from '../archive/http/http-client.js';
import { VolumeIndexSource } from '../archive/index/volume-index-source.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../domain/clock.js';
import { OperationalError, UsageError } from '../domain/errors.js';
import { loadModelFolder, type ModelFolder } from '../model/load-model-folder.js';
import { removeAbandonedDownloads } from '../archive/fetch/download-folder.js';
import type { Database } from '../store/database.js';
import { openEmbedded } from '../store/embedded/open-embedded.js';
import { migrate, pendingMigrations } from '../store/migrate.js';
import { openPostgres } from '../store/postgres/open-postgres.js';
import { endLeases } from '../store/queries/end-leases.js';
import { loadReference } from '../store/reference.js';
import { systemClock } from '../telemetry/clock.js';
import { codeVersion } from './version.js';

const SHIPPED_MODELS = fileURLToPath(new URL('../../models/', import.meta.url));

/** For the commands that work on a database: one in a directory instead of a server's. */
export const EMBEDDED_OPTION = [
  '--embedded <dir>',
  'keep the database in this directory, for this process alone, instead of on the server of DATABASE_URL',
] as const;

/** A host that asks to be left alone for longer is left to the next attempt. */
export const PATIENCE_MS = 120_000;

/**
 * The configured model folder, or the shipped starter.
 * @throws OperationalError when it is missing or altered
 */
export async function openModel(config: Config): Promise<ModelFolder> {
  return loadModelFolder(config.model.path === '' ? await shippedModel() : config.model.path);
}

async function shippedModel(): Promise<string> {
  const names = await readdir(SHIPPED_MODELS).catch(() => []);
  const name = names.filter((entry) => entry.startsWith('starter@')).sort()[0];
  if (name === undefined)
    throw new OperationalError(
      'no_model',
      `${SHIPPED_MODELS} holds no starter model; check out the whole repository, or train one (selenoscan train) and name it by model.path.`,
    );
  return join(SHIPPED_MODELS, name);
}

/** @throws UsageError when no database is named, OperationalError when it does not answer */
export function openDatabase(config: Config, statementTimeoutMs?: number): Promise<Database> {
  if (config.database.url === '')
    throw new UsageError(
      'No database is configured; set DATABASE_URL to a PostGIS database, e.g. postgres://user@localhost/moon, or keep one in a directory by --embedded DIR where the command offers it.',
    );
  return openPostgres({
    url: config.database.url,
    poolSize: config.database.pool,
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
  });
}

/**
 * The database that is kept in a directory, made or brought up to date where need be: it is this process's
 * alone, so nobody else can be in the way.
 * @throws OperationalError when the directory is in use or holds something else
 */
export async function openEmbeddedDatabase(
  dir: string,
  options: { existing?: boolean } = {},
): Promise<Database> {
  const db = await openEmbedded({ dir, ...options });
  try {
    await migrate(db);
    await loadReference(db);
    await endLeases(db);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/**
 * The configured database, its schema up to date; with `embedded`, the one in that directory, which is
 * made where there is none unless it must be `existing`.
 * @param options.statementTimeoutMs on a server a statement is given up after this; 0 = never
 * @throws UsageError | OperationalError as `openDatabase`, and where migrations are pending
 */
export async function openCurrentDatabase(
  config: Config,
  embedded?: string,
  options: { existing?: boolean; statementTimeoutMs?: number } = {},
): Promise<Database> {
  if (embedded !== undefined) return openEmbeddedDatabase(embedded, options);
  const db = await openDatabase(config, options.statementTimeoutMs);
  try {
    const pending = await pendingMigrations(db);
    if (pending.length === 0) return db;
    throw new OperationalError(
      'pending_migrations',
      `The database lacks ${pending.length} ${pending.length === 1 ? 'migration' : 'migrations'} (${pending.join(', ')}); run \`selenoscan migrate\` first.`,
    );
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** What keeps requests polite, as configured: of this process where no database is used. */
export function gateOptions({ archive }: Config): {
  readonly spacingMs: number;
  readonly patienceMs: number;
  readonly connections: number;
  readonly breaker: BreakerLimits;
  readonly clock: Clock;
} {
  return {
    spacingMs: archive.spacing_ms,
    patienceMs: PATIENCE_MS,
    connections: archive.connections,
    breaker: { failures: archive.breaker_failures, openMs: archive.breaker_s * 1000 },
    clock: systemClock,
  };
}

/** Who asks, and how to reach them. */
export function userAgent({ archive }: Config): string {
  return `selenoscan/${codeVersion()}${archive.contact === '' ? '' : ` (+${archive.contact})`}`;
}

/** Polite requests as configured; `gate` keeps the whole deployment polite where one is given. */
export function openHttpClient(config: Config, gate?: HostGate, observer?: ArchiveObserver): HttpClient {
  const { archive } = config;
  return new HttpClient({
    userAgent: userAgent(config),
    gate: gate ?? createLocalGate(gateOptions(config)),
    clock: systemClock,
    timeoutMs: archive.timeout_s * 1000,
    retries: archive.retries,
    connections: archive.connections,
    ...(observer === undefined ? {} : { observer }),
  });
}

/**
 * Where images are downloaded to, as configured; nothing is made there before the first download.
 * @param onWait told once for each download that has to wait for room
 */
export function openArea(config: Config, onWait?: (line: string) => void): DownloadArea {
  const dir = downloadDir(config);
  return openDownloadArea({
    dir,
    limitBytes: config.archive.disk_mb * 1e6,
    clock: systemClock,
    makeRoom: () => removeAbandonedDownloads(dir),
    ...(onWait === undefined ? {} : { onWait }),
  });
}

/** The archive by its volume index; closing it closes the client. */
export function openArchive(
  config: Config,
  client = openHttpClient(config),
  area = openArea(config),
): VolumeIndexSource {
  const { archive } = config;
  return new VolumeIndexSource({
    urls: archive.urls,
    dataSet: archive.dataset,
    client,
    clock: systemClock,
    tempDir: downloadDir(config),
    access: archive.access,
    image: archive.image,
    maxBytes: archive.max_mb * 1e6,
    area,
  });
}

export function downloadDir(config: Config): string {
  return config.archive.download_dir === '' ? tmpdir() : config.archive.download_dir;
}

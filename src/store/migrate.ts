import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { OperationalError } from '../domain/errors.js';
import type { Database, Queryable } from './database.js';

/** One file of `migrations/`: plain SQL that runs once, in a transaction of its own. */
export interface Migration {
  /** File name without `.sql`, e.g. `0001_moon`; migrations run in the order of their names. */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The migrations that this version ships. */
const SHIPPED = new URL('../../migrations/', import.meta.url);

/** Any number, the same in every version: whoever migrates holds this lock. */
const LOCK = 7_309_453_481;

export async function readMigrations(folder: URL = SHIPPED): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}_\w+\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = (await readFile(new URL(file, folder), 'utf8')).replaceAll('\r\n', '\n');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name: file.replace(/\.sql$/, ''), sql, checksum };
    }),
  );
}

/**
 * Brings the schema up to this version. Any number of processes may call it at once: each migration is
 * applied by exactly one of them.
 *
 * @returns names of the migrations that this call applied.
 * @throws OperationalError where an applied migration has changed, the database is newer than this
 *   version, PostGIS is absent or the user may not create it.
 */
export async function migrate(db: Database, migrations?: readonly Migration[]): Promise<string[]> {
  const wanted = migrations ?? (await readMigrations());
  const applied: string[] = [];
  for (;;) {
    const name = await db.transaction((tx) => applyNext(tx, wanted));
    if (name === null) return applied;
    applied.push(name);
  }
}

/** Names of the migrations that the database still lacks, in order. Changes nothing. */
export async function pendingMigrations(db: Queryable, migrations?: readonly Migration[]): Promise<string[]> {
  const wanted = migrations ?? (await readMigrations());
  const [table] = await db.query<{ there: boolean }>(
    `SELECT to_regclass('selenoscan_data.migration') IS NOT NULL AS there`,
  );
  if (table?.there !== true) return wanted.map((migration) => migration.name);
  return (await missing(db, wanted)).map((migration) => migration.name);
}

async function applyNext(tx: Queryable, wanted: readonly Migration[]): Promise<string | null> {
  // A migration takes the time it takes, and so does waiting for one that another process applies.
  await tx.query('SET LOCAL statement_timeout = 0');
  await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  await tx.query(`
    CREATE SCHEMA IF NOT EXISTS selenoscan_data;
    CREATE TABLE IF NOT EXISTS selenoscan_data.migration (
      name text PRIMARY KEY,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    );
  `);
  const [next] = await missing(tx, wanted);
  if (next === undefined) return null;
  try {
    await tx.query(next.sql);
  } catch (error) {
    throw explain(error, next);
  }
  await tx.query('INSERT INTO selenoscan_data.migration (name, checksum) VALUES ($1, $2)', [
    next.name,
    next.checksum,
  ]);
  return next.name;
}

/** What is not applied yet, after a look at what is. */
async function missing(db: Queryable, wanted: readonly Migration[]): Promise<Migration[]> {
  const rows = await db.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM selenoscan_data.migration ORDER BY name',
  );
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  const known = new Set(wanted.map((migration) => migration.name));
  for (const name of applied.keys()) {
    if (!known.has(name)) {
      throw new OperationalError(
        'migration-unknown',
        `The database has the migration ${name}, which this version does not know: run a newer version of selenoscan.`,
      );
    }
  }
  for (const migration of wanted) {
    const checksum = applied.get(migration.name);
    if (checksum !== undefined && checksum !== migration.checksum) {
      throw new OperationalError(
        'migration-changed',
        `migrations/${migration.name}.sql was changed after it was applied to this database: restore the file, and put the change into a new migration.`,
      );
    }
  }
  return wanted.filter((migration) => !applied.has(migration.name));
}

function explain(error: unknown, migration: Migration): unknown {
  const code = (error as { code?: unknown }).code;
  const reason = error instanceof Error ? error.message : String(error);
  // Feature not supported, undefined or missing file: the server has no such extension.
  if (code === '0A000' || code === '58P01') {
    return new OperationalError(
      'postgis-absent',
      `The database server lacks an extension (${reason}): install PostGIS and contrib on it, on Debian postgresql-15-postgis-3.`,
      { cause: error },
    );
  }
  if (code === '42501') {
    return new OperationalError(
      'migration-denied',
      `The migration ${migration.name} may not run as this user (${reason}): let a superuser run "selenoscan migrate" once.`,
      { cause: error },
    );
  }
  return error;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { startCluster } from '../../scripts/test/cluster.js';
import type { Database } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { describeWith } from './needs.js';
import { onceInRun, runFolder } from './once-in-run.js';

/** A migrated database from which tests copy theirs: a copy takes 0.1 s, the migrations 1 s. */
const TEMPLATE = 'selenoscan_template';

/** A database of one's own on the throwaway server. */
export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
}

/**
 * `describe` for tests that need a server: several connections, roles, locks across processes, `pg_dump`.
 * Where PostgreSQL with PostGIS is absent they are left out with the reason.
 */
export function describeWithPostgres(name: string, define: () => void): void {
  describeWith('postgres', name, define);
}

/** Opened during this test file; dropped after it. */
const opened: TestDatabase[] = [];
let created = 0;

afterAll(async () => {
  if (opened.length === 0) return;
  await Promise.all(opened.map(({ db }) => db.close()));
  const admin = await openPostgres({ url: await serverUrl(), poolSize: 1 });
  for (const { url } of opened) {
    await untilDisconnected(admin, databaseOf(url));
    await admin.query(`DROP DATABASE IF EXISTS ${databaseOf(url)} WITH (FORCE)`);
  }
  await admin.close();
});

/** A closed pool's connections end a little later; one that the server cut off would fail the test file. */
async function untilDisconnected(admin: Database, database: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const there = await admin.query('SELECT FROM pg_stat_activity WHERE datname = $1 LIMIT 1', [database]);
    if (there.length === 0) return;
    await sleep(20);
  }
}

/** Creates a migrated database, or an empty one, that lives until the end of the test file. */
export async function createTestDatabase(
  options: { empty?: boolean; poolSize?: number } = {},
): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `test_${process.pid}_${Date.now()}_${(created += 1)}`;
  const admin = await openPostgres({ url: server, poolSize: 1 });
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${options.empty === true ? 'template0' : TEMPLATE}`);
  await admin.close();
  const url = onDatabase(server, name);
  const test = { url, db: await openPostgres({ url, poolSize: options.poolSize ?? 4 }) };
  opened.push(test);
  return test;
}

/** The server of this test run, with the template. */
function serverUrl(): Promise<string> {
  return onceInRun('postgres', async () => {
    const url = process.env['SELENOSCAN_TEST_DATABASE_URL'] ?? (await startCluster(runFolder()));
    await createTemplate(url);
    return url;
  });
}

async function createTemplate(server: string): Promise<void> {
  const admin = await openPostgres({ url: server, poolSize: 1 });
  await admin.query(`DROP DATABASE IF EXISTS ${TEMPLATE} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE template0`);
  await admin.close();
  const template = await openPostgres({ url: onDatabase(server, TEMPLATE), poolSize: 1 });
  await migrate(template);
  await template.close();
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

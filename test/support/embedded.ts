import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Database } from '../../src/store/database.js';
import { openEmbedded } from '../../src/store/embedded/open-embedded.js';
import { migrate } from '../../src/store/migrate.js';
import { onceInRun, runFolder } from './once-in-run.js';

/** The one engine of this test file: it takes seconds to start, so tests share it and it is emptied between. */
let shared: Promise<{ db: Database; dir: string }> | null = null;

afterAll(async () => {
  if (shared === null) return;
  const { db, dir } = await shared;
  await db.close();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

/** What tests made in the schema `public`, beside what the extensions and the migrations did. */
const DROP_TABLES = `
  DO $$ DECLARE stray regclass; BEGIN
    FOR stray IN SELECT c.oid FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND c.relname NOT IN ('layer_styles', 'qgis_projects')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    LOOP EXECUTE format('DROP TABLE %s CASCADE', stray); END LOOP;
  END $$`;

const DROP_FUNCTIONS = `
  DO $$ DECLARE stray regprocedure; BEGIN
    FOR stray IN SELECT p.oid FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'moon%'
    LOOP EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', stray); END LOOP;
  END $$`;

const TRUNCATE = `
  DO $$ BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('%I.%I', schemaname, tablename), ', ') || ' RESTART IDENTITY CASCADE'
      FROM pg_tables WHERE schemaname = 'selenoscan_data' AND tablename NOT IN ('migration', 'grid_cell'));
  END $$`;

/** The embedded database of this test file, as if it were new: migrated, or empty. */
export async function emptiedEmbedded(options: { empty?: boolean } = {}): Promise<Database> {
  shared ??= start(options.empty === true);
  const { db } = await shared;
  await db.query(`${DROP_TABLES}; DELETE FROM spatial_ref_sys WHERE auth_name = 'NONE'`);
  if (options.empty === true) {
    await db.query(`DROP SCHEMA IF EXISTS selenoscan, selenoscan_data CASCADE; ${DROP_FUNCTIONS}`);
  } else {
    const fresh = await migrate(db);
    if (fresh.length === 0) await db.query(TRUNCATE);
  }
  return { query: db.query.bind(db), transaction: db.transaction.bind(db), close: () => Promise.resolve() };
}

/**
 * A directory of its own with an embedded database that holds nothing but the schema. It is a copy: to make one
 * and migrate it takes twice the time that opening it takes. The caller removes it.
 */
export async function migratedDirectory(): Promise<string> {
  const template = await onceInRun('embedded-database', async () => {
    const dir = join(runFolder(), 'embedded-database');
    const db = await openEmbedded({ dir });
    await migrate(db);
    await db.close();
    return dir;
  });
  const dir = await mkdtemp(join(tmpdir(), 'selenoscan-embedded-'));
  await cp(template, dir, { recursive: true });
  return dir;
}

/** @param empty makes it anew, without a trace of a schema */
async function start(empty: boolean): Promise<{ db: Database; dir: string }> {
  const dir = empty ? await mkdtemp(join(tmpdir(), 'selenoscan-embedded-')) : await migratedDirectory();
  return { db: await openEmbedded({ dir }), dir };
}

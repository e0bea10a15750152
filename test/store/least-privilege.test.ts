import { afterAll, beforeAll, expect, it } from 'vitest';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import type { Database } from '../../src/store/database.js';
import { loadReference } from '../../src/store/reference.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { grantRoles } from '../../src/store/roles.js';
import { runCli, sentenceOf } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';

/** Found in no other text. */
const CANARY = 'canary-Zq7-a-secret';
const DENIED = /permission denied|must be (owner|superuser)|must have admin option/;
/** What only a migration writes. */
const OF_MIGRATIONS = ['grid_cell', 'migration'];

describeWithPostgres('least privilege', () => {
  let owner: Database;
  let replica: Replica;
  const logins: { group: string; url: string; db: Database }[] = [];

  beforeAll(async () => {
    const test = await createTestDatabase();
    owner = test.db;
    await loadReference(owner);
    await grantRoles(owner);
    for (const group of ['selenoscan_read', 'selenoscan_writer']) {
      const name = `${group}_${process.pid}_${Date.now()}`;
      await owner.query(`CREATE ROLE ${name} LOGIN IN ROLE ${group}`);
      const url = new URL(test.url);
      url.username = name;
      logins.push({ group, url: url.href, db: await openPostgres({ url: url.href, poolSize: 2 }) });
    }
    replica = await startReplica({ port: 0, seed: 5, images: 1, lines: 1088 });
  }, 120_000);
  afterAll(async () => {
    await replica.close();
    for (const { db } of logins) await db.close();
  });
  const as = (group: string) => {
    const found = logins.find((login) => login.group === group);
    if (found === undefined) throw new Error(`no login in ${group}`);
    return found;
  };
  const tables = async () =>
    (
      await owner.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class
         WHERE relnamespace = 'selenoscan_data'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`,
      )
    ).map(({ name }) => name);

  it('is enough for the daemon and the commands of every day as a member of selenoscan_writer alone', async () => {
    const env = {
      DATABASE_URL: as('selenoscan_writer').url,
      SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
      SELENOSCAN_ARCHIVE_SPACING_MS: '0',
      SELENOSCAN_TILING_STRIDE_X: '64',
      SELENOSCAN_TILING_STRIDE_Y: '64',
      SELENOSCAN_HTTP_PORT: '0',
    };
    const run = await runCli(['run', '--once', '--json'], env);
    expect(sentenceOf(run)).toBe('');
    expect(JSON.parse(run.stdout)).toMatchObject({ scans: { scanned: 1 } });
    expect(run.stderr).not.toMatch(DENIED);
    for (const args of [
      ['status', '--json'],
      ['maintain', '--json'],
    ]) {
      const done = await runCli(args, env);
      expect(`${args.join(' ')}: ${done.code} ${sentenceOf(done)}`).toBe(`${args.join(' ')}: 0 `);
      // It owns no table, and says so: PostgreSQL would pass them over without an error.
      if (args[0] === 'maintain') expect(JSON.parse(done.stdout)).toMatchObject({ vacuumed: 0 });
    }
    expect(await owner.query('SELECT FROM selenoscan.detections LIMIT 1')).toHaveLength(1);
  }, 180_000);

  it('lets the writer change every table but those of the migrations, and use their numbers', async () => {
    const rights = await owner.query<{ name: string; all: boolean; any: boolean }>(
      `SELECT relname AS name,
         has_table_privilege('selenoscan_writer', oid, 'SELECT')
           AND has_table_privilege('selenoscan_writer', oid, 'INSERT')
           AND has_table_privilege('selenoscan_writer', oid, 'UPDATE')
           AND has_table_privilege('selenoscan_writer', oid, 'DELETE') AS all,
         has_table_privilege('selenoscan_writer', oid, 'TRUNCATE, REFERENCES, TRIGGER') AS any
       FROM pg_class WHERE relnamespace = 'selenoscan_data'::regnamespace AND relkind IN ('r', 'p')`,
    );
    expect(rights.length).toBeGreaterThan(10);
    for (const { name, all, any } of rights) {
      expect([name, all]).toEqual([name, !OF_MIGRATIONS.includes(name)]);
      expect([name, any]).toEqual([name, false]);
    }
    // Numbers of identity columns need no right of their own; those of other sequences would.
    expect(
      await owner.query(
        `SELECT relname FROM pg_class WHERE relnamespace = 'selenoscan_data'::regnamespace AND relkind = 'S'
           AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'i')
           AND NOT CASE WHEN relkind = 'S' THEN has_sequence_privilege('selenoscan_writer', oid, 'USAGE') END`,
      ),
    ).toEqual([]);
  });

  it('keeps the writer from what is the owner’s, the server’s and other roles’', async () => {
    const { db } = as('selenoscan_writer');
    for (const sql of [
      'SET ROLE selenoscan_owner',
      'ALTER TABLE selenoscan_data.scan DISABLE TRIGGER ALL',
      'ALTER VIEW selenoscan.detections RENAME TO mine',
      'GRANT selenoscan_owner TO CURRENT_USER',
      'CREATE ROLE mine',
      'CREATE SCHEMA mine',
      'CREATE TABLE public.mine (id int)',
      'CREATE FUNCTION selenoscan_data.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      `COPY (SELECT 1) TO '/tmp/selenoscan-mine'`,
      `COPY (SELECT 1) TO PROGRAM 'true'`,
      `SELECT pg_read_file('/etc/passwd')`,
      'SELECT rolpassword FROM pg_authid',
      'UPDATE selenoscan_data.migration SET checksum = checksum',
    ])
      await expect(db.query(sql), sql).rejects.toThrow(DENIED);
  });

  it('keeps readers from every table, also where settings, rules and deliveries hold what is secret', async () => {
    await owner.query(
      `INSERT INTO selenoscan_data.setting (key, value) VALUES ('canary', to_jsonb($1::text))`,
      [CANARY],
    );
    await owner.query(
      `INSERT INTO selenoscan_data.alert_rule (name, filter, channel, target, max_age)
       VALUES ($1, '{}', 'webhook', jsonb_build_object('url', $1::text), '1 day')`,
      [CANARY],
    );
    const { db } = as('selenoscan_read');
    for (const table of await tables())
      for (const sql of [
        `SELECT * FROM selenoscan_data.${table}`,
        `DELETE FROM selenoscan_data.${table}`,
        `COPY selenoscan_data.${table} TO STDOUT`,
      ])
        await expect(db.query(sql), sql).rejects.toThrow(DENIED);
    const views = await db.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.views WHERE table_schema = 'selenoscan'`,
    );
    expect(views.length).toBeGreaterThan(5);
    for (const { name } of views) {
      const rows = await db.query<{ text: string }>(`SELECT v::text AS text FROM selenoscan.${name} v`);
      expect(rows.map(({ text }) => text).join('\n'), name).not.toContain(CANARY);
      expect(
        await db.query(
          `SELECT privilege_type FROM information_schema.table_privileges
           WHERE table_schema = 'selenoscan' AND table_name = $1 AND privilege_type <> 'SELECT'`,
          [name],
        ),
        name,
      ).toEqual([]);
    }
    // Functions that act with their owner's rights are a way around all this: each is looked at by a person.
    const definers = await owner.query<{ name: string }>(
      `SELECT proname AS name FROM pg_proc
       WHERE pronamespace IN ('selenoscan'::regnamespace, 'selenoscan_data'::regnamespace) AND prosecdef`,
    );
    for (const { name } of definers) {
      const [search] = await owner.query<{ config: string[] | null }>(
        'SELECT proconfig AS config FROM pg_proc WHERE proname = $1',
        [name],
      );
      expect(
        search?.config?.some((each) => each.startsWith('search_path=')),
        name,
      ).toBe(true);
    }
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Database } from '../../src/store/database.js';
import { loadReference } from '../../src/store/reference.js';
import { migrate } from '../../src/store/migrate.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { grantRoles } from '../../src/store/roles.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

const DENIED = /permission denied|must be owner|cannot delete from view/;

describeWithPostgres('roles', () => {
  /** A login that is a member of a group role, connected to the database. */
  const login = async (db: Database, url: string, group: string | null): Promise<Database> => {
    const name = `login_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
    await db.query(`CREATE ROLE ${name} LOGIN ${group === null ? '' : `IN ROLE ${group}`}`);
    const of = new URL(url);
    of.username = name;
    return openPostgres({ url: of.href, poolSize: 1 });
  };
  const filled = async () => {
    const test = await createTestDatabase();
    await loadReference(test.db);
    await useModel(test.db);
    const product = sampleProduct('M1271742202LC');
    await announce(test.db, product);
    await commitScan(test.db, await claim(test.db), sampleResult([sampleDetection(product.imageId, 1)]));
    return test;
  };

  it('are made once, and doing it again, from several places at once, changes nothing', async () => {
    const { db, url } = await createTestDatabase();
    expect(await grantRoles(db)).toBeNull();
    const others = await Promise.all(Array.from({ length: 4 }, () => openPostgres({ url, poolSize: 1 })));
    expect(await Promise.all(others.map((other) => grantRoles(other)))).toEqual([null, null, null, null]);
    await Promise.all(others.map((other) => other.close()));
    // Roles are the server's: other tests have users of their own there, whose names go on with a number.
    const roles = await db.query(
      `SELECT rolname, rolcanlogin, rolsuper FROM pg_roles
       WHERE rolname LIKE 'selenoscan\\_%' AND rolname !~ '[0-9]$' ORDER BY 1`,
    );
    expect(roles).toEqual(
      ['selenoscan_owner', 'selenoscan_read', 'selenoscan_writer'].map((rolname) => ({
        rolname,
        rolcanlogin: false,
        rolsuper: false,
      })),
    );
    const [foreign] = await db.query<{ count: number }>(
      `SELECT count(*) AS count FROM pg_class
       WHERE relnamespace IN ('selenoscan'::regnamespace, 'selenoscan_data'::regnamespace) AND relkind IN ('r', 'v')
         AND relowner <> 'selenoscan_owner'::regrole`,
    );
    expect(foreign?.count).toBe(0);
  });

  it('let a reader see every view and use every function, and neither write nor see the tables', async () => {
    const { db, url } = await filled();
    await grantRoles(db);
    const reader = await login(db, url, 'selenoscan_read');
    for (const { view } of await db.query<{ view: string }>(
      `SELECT table_name AS view FROM information_schema.views WHERE table_schema = 'selenoscan'`,
    )) {
      expect(await reader.query(`SELECT * FROM selenoscan.${view} LIMIT 1`), view).toBeInstanceOf(Array);
    }
    const [row] = await reader.query(
      `SELECT (SELECT count(*) FROM selenoscan.within_radius(22.05, 19.5, 100)) AS within,
         (SELECT count(*) FROM selenoscan.nearest(0, 0, 5, 'any')) AS nearest,
         (SELECT count(*) FROM selenoscan.best_in_box(0, 0, 90, 90, 5)) AS best,
         selenoscan.times_seen(22.05, 19.5) AS times, selenoscan.last_seen(22.05, 19.5) IS NOT NULL AS seen,
         (SELECT nearest_feature FROM selenoscan.detections) IS NOT NULL AS told,
         (SELECT count(*) FROM layer_styles) AS styles,
         (SELECT count(*) FROM spatial_ref_sys WHERE auth_name = 'IAU_2015') AS systems,
         (SELECT count(*) FROM geometry_columns WHERE f_table_schema = 'selenoscan') AS layers`,
    );
    expect(row).toEqual({
      within: 1,
      nearest: 5,
      best: 1,
      times: 1,
      seen: true,
      told: true,
      styles: 0,
      systems: 6,
      layers: 9,
    });
    for (const sql of [
      'SELECT * FROM selenoscan_data.detection',
      'SELECT * FROM selenoscan_data.setting',
      'SELECT selenoscan_data.landmark_of(0, 0)',
      `INSERT INTO selenoscan.known_objects (name, kind, lon, lat) VALUES ('a', 'b', 0, 0)`,
      `UPDATE selenoscan.known_objects SET name = 'b'`,
      'DELETE FROM selenoscan.detections',
      `DELETE FROM selenoscan.known_objects`,
      'DROP VIEW selenoscan.detections',
      'CREATE TABLE selenoscan.mine (id int)',
      'INSERT INTO layer_styles (stylename) VALUES (1)',
      'TRUNCATE selenoscan_data.detection',
    ])
      await expect(reader.query(sql), sql).rejects.toThrow(DENIED);
    await reader.close();
  });

  it('let a writer do the work of the daemon, and neither drop nor alter nor migrate', async () => {
    const { db, url } = await filled();
    await grantRoles(db);
    const writer = await login(db, url, 'selenoscan_writer');
    const product = sampleProduct('M1271742203LC');
    await announce(writer, product);
    const outcome = await commitScan(
      writer,
      await claim(writer),
      sampleResult([sampleDetection(product.imageId, 1)]),
    );
    expect(outcome).toMatchObject({ outcome: 'committed', inserted: 1 });
    expect(await writer.query('SELECT id FROM selenoscan.detections')).toHaveLength(2);
    for (const sql of [
      'DROP TABLE selenoscan_data.chip',
      'DROP VIEW selenoscan.sites',
      'ALTER TABLE selenoscan_data.detection ADD COLUMN mine int',
      'TRUNCATE selenoscan_data.chip',
      'CREATE TABLE selenoscan_data.mine (id int)',
      `INSERT INTO selenoscan_data.migration (name, checksum) VALUES ('9999_mine', 'a')`,
      'DELETE FROM selenoscan_data.grid_cell',
    ])
      await expect(writer.query(sql), sql).rejects.toThrow(DENIED);
    await writer.close();
  });

  it('let an owner migrate what a superuser began', async () => {
    const { db, url } = await createTestDatabase();
    await grantRoles(db);
    const owner = await login(db, url, 'selenoscan_owner');
    const next = {
      name: '9999_next',
      sql: `ALTER TABLE selenoscan_data.site ADD COLUMN note text;
        CREATE VIEW selenoscan.notes AS SELECT id, note FROM selenoscan_data.site`,
      checksum: 'a',
    };
    const { readMigrations } = await import('../../src/store/migrate.js');
    expect(await migrate(owner, [...(await readMigrations()), next])).toEqual(['9999_next']);
    // It may not create roles, and need not: they are there.
    expect(await grantRoles(owner)).toBeNull();
    const reader = await login(db, url, 'selenoscan_read');
    expect(await reader.query('SELECT * FROM selenoscan.notes')).toEqual([]);
    await Promise.all([owner.close(), reader.close()]);
  });

  it('are left alone with one sentence where the user may not make them', async () => {
    const { db, url } = await createTestDatabase();
    const visitor = await login(db, url, null);
    expect(await grantRoles(visitor)).toMatch(
      /^The roles selenoscan_read, selenoscan_writer, selenoscan_owner were left alone \(.*\): let a user who may create roles run "selenoscan migrate" once/,
    );
    await visitor.close();
  });
});

describeWithPostgres('a dump', () => {
  it('restored into an empty database gives the same rows, answers, indexes and reference systems', async () => {
    const { db, url } = await createTestDatabase();
    await loadReference(db);
    await useModel(db);
    for (const id of ['M1271742202LC', 'M1271742203LC']) {
      const product = sampleProduct(id);
      await announce(db, product);
      const detections = [1, 2, 3].map((rank) =>
        sampleDetection(product.imageId, rank, { lon: 179.9 + rank / 10 - (rank > 1 ? 360 : 0), lat: 19.5 }),
      );
      await commitScan(db, await claim(db), sampleResult(detections));
    }
    await db.query(
      `INSERT INTO selenoscan_data.review (detection_pk, reviewer, verdict)
       SELECT min(id), 'Ann', 'accept' FROM selenoscan_data.detection`,
    );
    await grantRoles(db);
    const { db: target, url: targetUrl } = await createTestDatabase({ empty: true });
    await dumpAndRestore(url, targetUrl);

    const both = async (sql: string) => {
      const [before, after] = await Promise.all([db.query(sql), target.query(sql)]);
      expect(after, sql).toEqual(before);
      return before;
    };
    const tables = await both(
      `SELECT schemaname || '.' || relname AS name FROM pg_stat_user_tables
       WHERE schemaname LIKE 'selenoscan%' ORDER BY 1`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables as { name: string }[]) await both(`SELECT count(*) AS rows FROM ${name}`);
    const views = await both(
      `SELECT table_name AS name FROM information_schema.views WHERE table_schema = 'selenoscan' ORDER BY 1`,
    );
    for (const { name } of views as { name: string }[]) {
      const rows = await both(`SELECT * FROM selenoscan.${name} ORDER BY id LIMIT 200`);
      if (name !== 'sites') expect(rows.length, name).toBeGreaterThan(0);
    }
    for (const sql of [
      `SELECT indexname, translate(indexdef, '()', '') FROM pg_indexes WHERE schemaname LIKE 'selenoscan%' ORDER BY 1`,
      `SELECT oid::regprocedure::text AS name, prosrc, proconfig FROM pg_proc
       WHERE proname LIKE 'moon%' OR pronamespace::regnamespace::text LIKE 'selenoscan%' ORDER BY 1`,
      `SELECT table_name, column_name, translate(generation_expression, '()', '') FROM information_schema.columns
       WHERE is_generated = 'ALWAYS' AND table_schema LIKE 'selenoscan%' ORDER BY 1, 2`,
      `SELECT conrelid::regclass::text AS name, conname, translate(pg_get_constraintdef(oid), '()', '') AS rule FROM pg_constraint
       WHERE connamespace::regnamespace::text LIKE 'selenoscan%' ORDER BY 1, 2`,
      `SELECT * FROM spatial_ref_sys WHERE auth_name = 'IAU_2015' ORDER BY srid`,
      `SELECT objoid::regclass::text AS name, objsubid, description FROM pg_description
       JOIN pg_class ON pg_class.oid = objoid AND relnamespace::regnamespace::text LIKE 'selenoscan%'
       WHERE classoid = 'pg_class'::regclass ORDER BY 1, 2`,
      'SELECT id, distance_m FROM selenoscan.within_radius(180, 19.5, 10000) ORDER BY id',
      `SELECT kind, name, distance_m FROM selenoscan.nearest(180, 19.5, 8, 'any')`,
      'SELECT * FROM selenoscan.best_in_box(179, 10, -179, 30, 4)',
      'SELECT selenoscan.times_seen(22.05, 19.5) AS times, selenoscan.last_seen(22.05, 19.5) AS last',
      'SELECT id, area_km2, look FROM selenoscan.coverage ORDER BY id',
    ])
      expect((await both(sql)).length, sql).toBeGreaterThan(0);
    // What was restored is worked with as before.
    const product = sampleProduct('M1271742204LC');
    await announce(target, product);
    await commitScan(target, await claim(target), sampleResult([sampleDetection(product.imageId, 1)]));
    expect(await target.query('SELECT FROM selenoscan.detections')).toHaveLength(7);
  });
});

async function dumpAndRestore(from: string, to: string): Promise<void> {
  const { findPostgres } = await import('../../scripts/test/cluster.js');
  const found = findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  const run = promisify(execFile);
  const options = { encoding: 'buffer' as const, maxBuffer: 1 << 28 };
  const { stdout } = await run(`${found.bin}/pg_dump`, ['--format=custom', from], options);
  const restoring = run(`${found.bin}/pg_restore`, ['--exit-on-error', '-d', to], options);
  restoring.child.stdin?.end(stdout);
  const { stderr } = await restoring;
  expect(stderr.toString()).toBe('');
}

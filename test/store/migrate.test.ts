import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { OperationalError } from '../../src/domain/errors.js';
import { migrate, pendingMigrations, readMigrations } from '../../src/store/migrate.js';
import type { Migration } from '../../src/store/migrate.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { describeWithDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';

const MIGRATION: Migration = { name: '0001_first', sql: 'CREATE TABLE first (id int)', checksum: 'a' };

describeWithDatabase('migrations', (createDatabase) => {
  it('are all pending on an empty database, and asking creates nothing', async () => {
    const db = await createDatabase({ empty: true });
    expect(await pendingMigrations(db)).toEqual((await readMigrations()).map((migration) => migration.name));
    expect(await db.query(`SELECT FROM pg_namespace WHERE nspname LIKE 'selenoscan%'`)).toEqual([]);
  });

  it('leave nothing of one that fails, and keep those before it', async () => {
    const db = await createDatabase({ empty: true });
    const broken: Migration = {
      name: '0002_broken',
      sql: 'CREATE TABLE second (id int); SELECT 1 / 0;',
      checksum: 'b',
    };
    await expect(migrate(db, [MIGRATION, broken])).rejects.toThrow('division by zero');
    expect(await pendingMigrations(db, [MIGRATION, broken])).toEqual(['0002_broken']);
    expect(await db.query(`SELECT to_regclass('second') AS second`)).toEqual([{ second: null }]);
  });

  it('refuse a changed file and a database from a newer version, naming the file', async () => {
    const db = await createDatabase({ empty: true });
    await migrate(db, [MIGRATION]);
    const changed = migrate(db, [{ ...MIGRATION, checksum: 'other' }]);
    await expect(changed).rejects.toThrow(OperationalError);
    await expect(changed).rejects.toThrow(/^migrations\/0001_first\.sql was changed after it was applied/);
    await expect(pendingMigrations(db, [])).rejects.toThrow(/0001_first, which this version does not know/);
  });
});

describeWithPostgres('migrations on a server', () => {
  it('are each applied by exactly one of 20 migrators that start at once', async () => {
    const { url, db } = await createTestDatabase({ empty: true });
    const migrators = await Promise.all(Array.from({ length: 20 }, () => openPostgres({ url, poolSize: 1 })));
    const applied = await Promise.all(migrators.map((migrator) => migrate(migrator)));
    await Promise.all(migrators.map((migrator) => migrator.close()));
    const names = (await readMigrations()).map((migration) => migration.name);
    expect(applied.flat().sort()).toEqual(names);
    expect(await pendingMigrations(db)).toEqual([]);
    expect(await migrate(db)).toEqual([]);
  });

  it('say what is missing when the user may not create the extensions', async () => {
    const { url, db } = await createTestDatabase({ empty: true });
    const role = `visitor_${process.pid}`;
    await db.query(
      `CREATE ROLE ${role} LOGIN; GRANT CREATE ON DATABASE ${new URL(url).pathname.slice(1)} TO ${role}`,
    );
    const visitorUrl = new URL(url);
    visitorUrl.username = role;
    const visitor = await openPostgres({ url: visitorUrl.href, poolSize: 1 });
    await expect(migrate(visitor)).rejects.toThrow(
      /0001_moon may not run as this user .* let a superuser run/,
    );
    await visitor.close();
    await db.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  it('survive a dump and a restore with their data, functions and spatial indexes', async () => {
    const { url, db } = await createTestDatabase();
    const { db: target, url: targetUrl } = await createTestDatabase({ empty: true });
    await db.query(
      `INSERT INTO selenoscan_data.known_object (name, kind, lon, lat) VALUES ('Luna 9', 'lander', -64.37, 7.08)`,
    );
    const { bin } = await serverPrograms();
    const dump = spawn(`${bin}/pg_dump`, ['--format=custom', url], { stdio: ['ignore', 'pipe', 'pipe'] });
    const restore = spawn(`${bin}/pg_restore`, ['--exit-on-error', '--no-owner', '-d', targetUrl], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    dump.stdout.pipe(restore.stdin);
    let complaints = '';
    restore.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    const [code] = (await once(restore, 'close')) as [number];
    expect(complaints).toBe('');
    expect(code).toBe(0);
    expect(await target.query('SELECT name, ST_SRID(geom) AS srid FROM selenoscan.known_objects')).toEqual([
      { name: 'Luna 9', srid: 30100 },
    ]);
    expect(await target.query('SELECT * FROM selenoscan.nearest(0, 0, 1)')).toEqual([]);
    expect(await pendingMigrations(target)).toEqual([]);
  });
});

async function serverPrograms(): Promise<{ bin: string }> {
  const { findPostgres } = await import('../../scripts/test/cluster.js');
  const found = findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  return found;
}

it('are numbered without gaps and without meta commands of psql', async () => {
  const migrations = await readMigrations(new URL('../../migrations/', import.meta.url));
  migrations.forEach(({ name, sql }, i) => {
    expect(name, fileURLToPath(import.meta.url)).toMatch(new RegExp(`^${String(i + 1).padStart(4, '0')}_`));
    expect(sql).not.toMatch(/^\\/m);
  });
});

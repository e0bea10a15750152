import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TransientError } from '../../src/domain/errors.js';
import type { Database } from '../../src/store/database.js';
import { openEmbedded } from '../../src/store/embedded/open-embedded.js';

/** PROJ throws on it; the row before it is good. */
const HALF_BAD = `
  INSERT INTO marks SELECT CASE WHEN i = 1 THEN 'good'
    ELSE ST_AsText(ST_Transform('SRID=30100;POINT(1 2)'::geometry, '+proj=nonsense' || i, '+proj=longlat')) END
  FROM generate_series(1, 2) AS i`;

/** GEOS throws on what crosses itself. */
const INVALID = `ST_GeomFromText('POLYGON((0 0, 1 1, 0 1, 1 0, 0 0))')`;

describe('an embedded database', () => {
  let folder: string;
  let dir: string;
  let db: Database;
  const marks = async () =>
    (await db.query<{ text: string }>('SELECT text FROM marks ORDER BY text')).map(({ text }) => text);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selenoscan-embedded-'));
    dir = join(folder, 'database');
    db = await openEmbedded({ dir });
    await db.query(`
      INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
        VALUES (30100, 'IAU_2015', 30100, '', '+proj=longlat +R=1737400 +no_defs +type=crs');
      CREATE TABLE marks (text text);
      CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (id int REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`);
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes and gives arrays with nulls, infinities and bytes, and numeric as text', async () => {
    const [row] = await db.query(
      `SELECT $1::text[] AS texts, $2::uuid[] AS ids, $3::bytea[] AS bytes, $4::double precision[] AS numbers,
         1.50::numeric AS exact, count(*) AS count, '{}'::text[] AS none`,
      [
        ['a"b', 'c,d', '{}', null, '\\'],
        ['6f1c1d0e-5b3a-4c7f-9d2e-8a4b7c60f3d1', null],
        [Buffer.from([0, 0x5c, 0x22, 255]), Buffer.alloc(0), null],
        [1.5, null, NaN, Infinity, -Infinity],
      ],
    );
    expect(row).toEqual({
      texts: ['a"b', 'c,d', '{}', null, '\\'],
      ids: ['6f1c1d0e-5b3a-4c7f-9d2e-8a4b7c60f3d1', null],
      bytes: [Buffer.from([0, 0x5c, 0x22, 255]), Buffer.alloc(0), null],
      numbers: [1.5, null, NaN, Infinity, -Infinity],
      exact: '1.50',
      count: 1,
      none: [],
    });
  });

  it('keeps the SQLSTATE of errors, and goes on after them', async () => {
    await expect(db.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    await expect(db.query('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
    await expect(db.query('SELECT FROM nowhere')).rejects.toMatchObject({ code: '42P01' });
    await expect(db.query('SELECT 1; SELECT 1 / 0; SELECT 2')).rejects.toMatchObject({ code: '22012' });
    expect(await db.query('SELECT $1::int AS seven', [7])).toEqual([{ seven: 7 }]);
  });

  it.each([
    ['of PROJ in the middle of its rows', HALF_BAD],
    ['of PROJ, with parameters', `${HALF_BAD} WHERE i < $1`],
    ['of PROJ among several statements', `INSERT INTO marks VALUES ('a'); ${HALF_BAD}; SELECT 1`],
    [
      'of PROJ while it is planned',
      `SELECT ST_Transform('POINT(1 2)'::geometry, '+proj=nonsense', '+proj=longlat')`,
    ],
    [
      'of PROJ in a query',
      `SELECT i, ST_Transform('POINT(1 2)'::geometry, '+proj=nonsense' || i, '+proj=longlat') FROM generate_series(1, 3) i`,
    ],
    [
      'of GEOS',
      `INSERT INTO marks SELECT ST_AsText(ST_Union(${INVALID}, ST_Translate(${INVALID}, i / 2.0, 0))) FROM generate_series(1, 3) i`,
    ],
  ])('fails as a whole on an error %s, which the engine itself takes for success', async (_what, sql) => {
    const parameters = sql.includes('$1') ? [9] : undefined;
    await expect(db.query(sql, parameters)).rejects.toMatchObject({ code: 'XX000' });
    expect(await marks()).toEqual([]);
    const work = db.transaction(async (tx) => {
      await tx.query(`INSERT INTO marks VALUES ('before')`);
      await tx.query(sql, parameters).catch(() => undefined);
      await expect(tx.query(`INSERT INTO marks VALUES ('after')`)).rejects.toMatchObject({ code: '25P02' });
    });
    await expect(work).rejects.toMatchObject({ code: 'XX000' });
    expect(await marks()).toEqual([]);
  });

  it('goes on after what GEOS and PROJ refuse, hundreds of times', async () => {
    for (let i = 0; i < 300; i += 1) await db.query(HALF_BAD).catch(() => undefined);
    await db.query(`INSERT INTO marks VALUES ('fine')`);
    expect(await marks()).toEqual(['fine']);
    await db.query('DELETE FROM marks');
  });

  it('lets queries from outside wait until a transaction ends', async () => {
    const order: string[] = [];
    const work = db.transaction(async (tx) => {
      await tx.query(`INSERT INTO marks VALUES ('inside')`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('transaction');
      throw new Error('changed its mind');
    });
    const outside = marks().then((seen) => {
      order.push('query');
      return seen;
    });
    await expect(work).rejects.toThrow('changed its mind');
    expect(await outside).toEqual([]);
    expect(order).toEqual(['transaction', 'query']);
  });

  it('tells a commit that fails', async () => {
    const orphan = db.transaction((tx) => tx.query('INSERT INTO child VALUES (1)'));
    await expect(orphan).rejects.toMatchObject({ code: '23503' });
    expect(await db.query('SELECT FROM child')).toEqual([]);
  });

  it('says so instead of waiting for ever where a transaction uses another connection than its own', async () => {
    let leaked: Promise<unknown> | undefined;
    const work = db.transaction(async (tx) => {
      await expect(db.query('SELECT 1')).rejects.toThrow(/the connection that it is given/);
      leaked = new Promise((resolve) => setTimeout(() => resolve(tx.query('SELECT 1')), 20));
      return 'done';
    });
    expect(await work).toBe('done');
    await expect(leaked).rejects.toThrow('The transaction has ended.');
  });

  it('leaves the event loop free during a long query, and carries megabytes', async () => {
    let late = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      late = Math.max(late, performance.now() - last - 5);
      last = performance.now();
    }, 5);
    const asked = performance.now();
    await db.query('SELECT count(*) FROM generate_series(1, 3000000) i WHERE sqrt(i) > 5');
    clearInterval(timer);
    // A loaded machine delays timers, too, but never by as much as the query takes.
    expect(late).toBeLessThan(Math.max(50, (performance.now() - asked) / 4));
    const bytes = Buffer.alloc(8_000_000, 'moon');
    const [row] = await db.query<{ bytes: Buffer }>('SELECT $1::bytea AS bytes', [bytes]);
    expect(row?.bytes.equals(bytes)).toBe(true);
  });

  it('tells the death of its engine as passing trouble, and starts it again with all that was committed', async () => {
    await db.query(`INSERT INTO marks VALUES ('kept')`);
    const spy = vi.spyOn(Worker.prototype, 'postMessage');
    const open = db.transaction(async (tx) => {
      await tx.query(`INSERT INTO marks VALUES ('open')`);
      const busy = tx.query('SELECT count(*) FROM generate_series(1, 1000000000)');
      await vi.waitFor(() => expect(spy.mock.contexts.length).toBeGreaterThan(2));
      await (spy.mock.contexts[0] as Worker).terminate();
      await busy;
    });
    const waiting = marks();
    await expect(open).rejects.toThrow(TransientError);
    await expect(open).rejects.toThrow(
      /^The engine of the database in .* ended \(.*\): it is started again\.$/,
    );
    spy.mockRestore();
    expect(await waiting).toEqual(['kept']);
    await db.query('DELETE FROM marks');
  });

  it('is for one process and one opening at a time', async () => {
    await expect(openEmbedded({ dir })).rejects.toMatchObject({
      code: 'database_in_use',
      message: `The database in ${dir} is in use by process ${process.pid}: stop that process first, or name another directory.`,
    });
  });

  it('refuses what is no database of its own, and leaves nothing there', async () => {
    const foreign = join(folder, 'foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'PG_VERSION'), '17\n');
    const refusal = (path: string) =>
      openEmbedded({ dir: path }).then(
        () => 'opened',
        (error: Error & { code: string }) => [error.code, error.message],
      );
    expect(await refusal(foreign)).toEqual([
      'database_foreign',
      expect.stringMatching(/another program made: name/),
    ]);
    expect(await readdir(foreign)).toEqual(['PG_VERSION']);
    expect(await refusal(folder)).toEqual([
      'database_foreign',
      expect.stringMatching(/other files and no database/),
    ]);
    const file = join(foreign, 'PG_VERSION');
    expect(await refusal(file)).toEqual([
      'database_directory',
      expect.stringMatching(/a file is in the way/),
    ]);
    expect(await refusal('/proc/selenoscan')).toEqual([
      'database_directory',
      expect.stringMatching(/may write to/),
    ]);
    const marker = join(folder, 'older');
    await mkdir(marker);
    await writeFile(join(marker, 'database.json'), '{"state":"ready","pglite":"0.4.0","postgis":"0.1.0"}');
    expect(await refusal(marker)).toEqual([
      'database_version',
      expect.stringMatching(/made by PGlite 0\.4\.0/),
    ]);
    await writeFile(join(marker, 'database.json'), 'gibberish');
    expect(await refusal(marker)).toEqual(['database_damaged', expect.stringMatching(/cannot be opened/)]);
  });

  it('refuses every query once it is closed, and opens again with what it held', async () => {
    await db.query(`INSERT INTO marks VALUES ('kept')`);
    await db.close();
    await expect(db.query('SELECT 1')).rejects.toMatchObject({ code: 'database_closed' });
    expect((await readdir(dir)).sort()).toEqual(['database.json', 'pgdata']);
    db = await openEmbedded({ dir });
    expect(await marks()).toEqual(['kept']);
  });
});

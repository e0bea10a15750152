import { afterAll, beforeAll, expect, it } from 'vitest';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import type { Database } from '../../src/store/database.js';
import { runCli, sentenceOf, startCli } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';

/** What `auto` takes on a CPU. */
const CPU_ENGINE = /^(onnxruntime|openvino)$/;

/** A coarse stride keeps these runs short; what they hold does not depend on it. */
const STRIDE = '64';
const LINES = 1088;

interface Placed {
  readonly product_id: string;
  readonly lon: number;
  readonly lat: number;
  readonly srid: number;
  readonly uncertainty_m: number;
}

/** Every row that a run may write, with its system columns: a rewritten row is a changed one. */
const FINGERPRINT = `
  SELECT md5(string_agg(row, ',' ORDER BY row)) AS hash FROM (
    SELECT 'd' || xmin || detection::text AS row FROM selenoscan_data.detection
    UNION ALL SELECT 'c' || xmin || detection_pk FROM selenoscan_data.chip
    UNION ALL SELECT 's' || xmin || id || state FROM selenoscan_data.scan
    UNION ALL SELECT 'p' || xmin || id FROM selenoscan_data.product) rows`;

describeWithPostgres('selenoscan run', () => {
  let replica: Replica;
  let db: Database;
  let env: Record<string, string>;

  beforeAll(async () => {
    const test = await createTestDatabase();
    db = test.db;
    replica = await startReplica({ port: 0, seed: 11, images: 2, lines: LINES });
    env = {
      DATABASE_URL: test.url,
      SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
      SELENOSCAN_ARCHIVE_SPACING_MS: '0',
      SELENOSCAN_TILING_STRIDE_X: STRIDE,
      SELENOSCAN_TILING_STRIDE_Y: STRIDE,
      SELENOSCAN_HTTP_PORT: '0',
      SELENOSCAN_SCORING_WORKERS: '0',
    };
  }, 120_000);
  afterAll(() => replica.close());

  const fingerprint = async () => (await db.query<{ hash: string }>(FINGERPRINT))[0]?.hash;
  const states = async () =>
    Object.fromEntries(
      (
        await db.query<{ product_id: string; state: string }>(
          `SELECT product_id, state FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk`,
        )
      ).map(({ product_id, state }) => [product_id, state]),
    );

  it('brings what is new in the archive to georeferenced rows near the truth', async () => {
    const run = await runCli(['run', '--once', '--json'], env);
    expect(sentenceOf(run)).toBe('');
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      scans: { scanned: 2 },
      engine: expect.stringMatching(CPU_ENGINE) as string,
    });
    const rows = await db.query<Placed>(
      'SELECT product_id, lon, lat, uncertainty_m, ST_SRID(geom) AS srid FROM selenoscan.detections',
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ srid }) => srid))).toEqual(new Set([30100]));
    const landers = (await replica.truth()).filter(({ kind }) => kind === 'lander');
    const found = landers.filter((lander) =>
      rows.some(
        (row) => row.product_id === lander.product_id && metresBetween(row, lander) <= row.uncertainty_m,
      ),
    );
    expect(found.length).toBeGreaterThanOrEqual(landers.length / 2);
  }, 180_000);

  it('scans nothing and changes no row when run again', async () => {
    const before = await fingerprint();
    const run = await runCli(['run', '--once', '--json'], env);
    expect(JSON.parse(run.stdout)).toMatchObject({ scans: {} });
    expect(await fingerprint()).toBe(before);
  }, 60_000);

  it('scans only the products of a volume that is released while it runs', async () => {
    const known = await states();
    const since = new Date();
    const child = startCli(['run'], { ...env, SELENOSCAN_ARCHIVE_POLL_MINUTES: '0.02' });
    try {
      await waitFor(() => replica.log.length > 0, 20_000);
      replica.release();
      await waitFor(
        async () => Object.values(await states()).filter((state) => state === 'scanned').length === 4,
        150_000,
      );
    } finally {
      child.kill('SIGTERM');
    }
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    const rescanned = await db.query(
      'SELECT 1 FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk WHERE product_id = ANY($1) AND finished_at >= $2',
      [Object.keys(known), since],
    );
    expect(rescanned).toEqual([]);
  }, 200_000);

  it('records what the archive does not have or breaks, and loses nothing of the rest', async () => {
    const before = await states();
    replica.release();
    const [first, second] = replica.volumes.at(-1)?.products.map(({ productId }) => productId) ?? [];
    replica.faults.add({ match: new RegExp(`${first}_pyr\\.tif`), status: 404 });
    replica.faults.add({ match: new RegExp(`${second}_pyr\\.tif`), cutAt: 20_000 });
    const run = await runCli(['run', '--once', '--json'], { ...env, SELENOSCAN_ARCHIVE_RETRIES: '0' });
    expect(run.code).toBe(0);
    const rows = await db.query<{ product_id: string; state: string; error: string }>(
      `SELECT product_id, state, error FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk
       WHERE product_id = ANY($1)`,
      [[first, second]],
    );
    const by = new Map(rows.map((row) => [row.product_id, row]));
    expect(by.get(first ?? '')).toMatchObject({ state: 'missing' });
    expect(by.get(second ?? '')).toMatchObject({ state: 'queued' });
    for (const { error } of rows) expect(error).toMatch(/_pyr\.tif.*\.$/);
    expect(await states()).toMatchObject(before);
  }, 120_000);

  it('gives the scan in hand back when it is stopped, and ends in order', async () => {
    replica.release();
    const child = startCli(['run', '--once'], { ...env, SELENOSCAN_TILING_STRIDE_X: '16' });
    const claimed = async () =>
      (await db.query(`SELECT 1 FROM selenoscan_data.scan WHERE state = 'claimed'`)).length > 0;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor(claimed, 30_000);
    await waitFor(() => replica.log.some(({ path }) => path.endsWith('_pyr.tif')), 30_000);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(said).toContain('Scan:GivenBack');
    expect(code).toBe(0);
    expect(await claimed()).toBe(false);
  }, 120_000);

  it('queues again what is asked for, and says how the deployment stands', async () => {
    const rerun = await runCli(['rerun', '--state', 'missing', '--json'], env);
    expect(JSON.parse(rerun.stdout)).toEqual({ queued: 1 });
    const status = await runCli(['status', '--json'], env);
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ lanes: { live: { scanned: 4, queued: 4 } } });
    expect((await runCli(['status'], env)).stdout).toMatch(/best +score .* \+-\d+ m/);
  }, 60_000);

  it('tells of an unreachable database, a missing one and a schema that is behind, in one sentence each', async () => {
    const away = await runCli(['run', '--once'], {
      ...env,
      DATABASE_URL: 'postgresql://someone:secret@127.0.0.1:1/moon',
    });
    expect(away.code).toBe(1);
    expect(sentenceOf(away)).toMatch(/127\.0\.0\.1:1/);
    expect(away.stderr).not.toContain('secret');
    const none = await runCli(['run', '--once'], { SELENOSCAN_ARCHIVE_URLS: '["http://127.0.0.1:1/"]' });
    expect(none.code).toBe(2);
    expect(sentenceOf(none)).toMatch(/DATABASE_URL/);
    const { url } = await createTestDatabase({ empty: true });
    const behind = await runCli(['run', '--once'], { ...env, DATABASE_URL: url });
    expect(behind.code).toBe(1);
    expect(sentenceOf(behind)).toMatch(/selenoscan migrate/);
  }, 60_000);

  it('tells which port is in use', async () => {
    const port = new URL(replica.address).port;
    const run = await runCli(['run'], { ...env, SELENOSCAN_HTTP_PORT: port });
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toMatch(new RegExp(`127.0.0.1:${port} is in use`));
  }, 60_000);
});

function metresBetween(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const rad = Math.PI / 180;
  const h =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * 1_737_400 * Math.asin(Math.sqrt(h));
}

async function waitFor(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

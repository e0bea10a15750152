import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedDatabase } from '../../src/cli/parts.js';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import type { Database } from '../../src/store/database.js';
import { openEmbedded } from '../../src/store/embedded/open-embedded.js';
import { loadGazetteer } from '../../src/store/gazetteer.js';
import { activeModel } from '../../src/store/queries/active-model.js';
import { claimScan } from '../../src/store/queries/claim-scan.js';
import { acquireFetchSlot } from '../../src/store/queries/fetch-slot.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { runCli, sentenceOf } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';

const LINES = 640;

/**
 * Everything that a scan makes of an image, but for what differs between any two runs (times, row numbers).
 * Coordinates are compared as bytes.
 */
const DETECTIONS = `
  SELECT detection_id, image_id, model_id, detection.is_current, rank_in_image, score, score_raw, scores, tile_x, tile_y, tile_count,
    line, sample, width_px, height_px, outline_px, lon, lat, uncertainty_m, width_m, height_m, sun_azimuth_deg,
    ST_AsEWKB(geom) AS geom, ST_AsEWKB(outline) AS outline, feature_id, known_object_id,
    tile, reconstruction, error, context
  FROM selenoscan_data.detection LEFT JOIN selenoscan_data.chip ON detection_pk = detection.id
  ORDER BY detection_id`;
const SCANS = `
  SELECT product_id, state, tiles, masked, statistics, ST_AsEWKB(coverage) AS coverage, score_map, score_map_columns,
    ground_model, config_hash, source_checksum
  FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk ORDER BY product_id`;

async function resultsIn(db: Database): Promise<{ detections: unknown[]; scans: unknown[] }> {
  return { detections: await db.query(DETECTIONS), scans: await db.query(SCANS) };
}

describe('selenoscan run --embedded', () => {
  let replica: Replica;
  let folder: string;
  let dir: string;
  let env: Record<string, string>;
  let embedded: Awaited<ReturnType<typeof resultsIn>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selenoscan-run-'));
    dir = join(folder, 'database');
    replica = await startReplica({ port: 0, seed: 11, images: 1, lines: LINES });
    env = {
      SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
      SELENOSCAN_ARCHIVE_SPACING_MS: '0',
      SELENOSCAN_ARCHIVE_MIN_LINES: '64',
      SELENOSCAN_TILING_STRIDE_X: '64',
      SELENOSCAN_TILING_STRIDE_Y: '64',
      SELENOSCAN_HTTP_PORT: '0',
    };
  }, 120_000);
  afterAll(async () => {
    await replica.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('brings the archive to a database in a directory, with nothing but Node', async () => {
    const run = await runCli(['run', '--once', '--json', '--embedded', dir], env);
    expect(sentenceOf(run)).toBe('');
    expect(JSON.parse(run.stdout)).toMatchObject({ scans: { scanned: 1 } });
    const db = await openEmbedded({ dir });
    try {
      embedded = await resultsIn(db);
      const busy = await runCli(['status', '--embedded', dir], env);
      expect(busy.code).toBe(1);
      expect(sentenceOf(busy)).toMatch(new RegExp(`is in use by process ${process.pid}: `));
    } finally {
      await db.close();
    }
    expect(embedded.detections.length).toBeGreaterThan(0);
  }, 180_000);

  it('makes no database of a mistyped directory for those who only ask', async () => {
    const nowhere = join(folder, 'databse');
    const run = await runCli(['status', '--embedded', nowhere], env);
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toContain(`${nowhere} holds no database`);
    expect(await readdir(folder)).toEqual(['database']);
  }, 60_000);

  it('takes up at once what a process held that was killed', async () => {
    const dead = await openEmbedded({ dir });
    const claim = { worker: 'dead', leaseSeconds: 3600, maxAttempts: 5 };
    const host = 'archive.example';
    const modelId = (await activeModel(dead)) ?? '';
    await requeueScans(dead, { states: ['scanned'], modelId });
    const held = await claimScan(dead, { ...claim, modelId });
    await acquireFetchSlot(dead, { host, holder: 'dead', leaseSeconds: 3600 });
    await dead.close();

    const db = await openEmbeddedDatabase(dir);
    try {
      const taken = await claimScan(db, { ...claim, modelId, worker: 'next' });
      expect(taken).toMatchObject({ scanId: held?.scanId, attempts: 2 });
      const answer = await acquireFetchSlot(db, { host, holder: 'next', leaseSeconds: 60 });
      expect(answer.granted).toBe(true);
    } finally {
      await db.close();
    }
  }, 60_000);

  describeWithPostgres('and on PostGIS', () => {
    it('finds the same, byte for byte', async () => {
      const { db, url } = await createTestDatabase();
      await loadGazetteer(db);
      const run = await runCli(['run', '--once', '--json'], { ...env, DATABASE_URL: url });
      expect(sentenceOf(run)).toBe('');
      expect(await resultsIn(db)).toEqual(embedded);
    }, 180_000);
  });
});

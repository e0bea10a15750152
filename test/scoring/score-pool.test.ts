import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OperationalError } from '../../src/domain/errors.js';
import type { TileParts } from '../../src/domain/tile.js';
import { initialWeights } from '../../src/model/initial-weights.js';
import { stageModel } from '../../src/model/write-model-folder.js';
import { createScorePool } from '../../src/scoring/create-score-pool.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import type { ScorePool } from '../../src/scoring/score-pool.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import { joined, jobsOf, SIZE, terrain } from './support.js';

const AWAY = { x: 1, y: 0 };
/** Model scores may differ by this share between batches: the engine splits its sums by their size. */
const TOLERANCE = 2e-6;

let folder = '';
let modelPath = '';
const pools: ScorePool[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'selenoscan-pool-'));
  const architecture = { family: 'vae', channels: 1, latent: 64 } as const;
  const weights = initialWeights(architecture, 1);
  modelPath = (await stageModel(folder, { name: 'test', architecture, weights, training: null })).onnxPath;
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(workers: number, batch = 16): Promise<ScorePool> {
  const pool = await createScorePool({
    modelPath,
    hardwarePath: null,
    channels: 1,
    tileSize: SIZE,
    workers,
    batch,
  });
  pools.push(pool);
  return pool;
}

function expectClose(actual: Record<string, number[]>, expected: Record<string, number[]>): void {
  for (const [name, values] of Object.entries(expected)) {
    expect(actual[name], name).toHaveLength(values.length);
    const off = values.map((v, i) =>
      Object.is(v, actual[name]![i]) ? 0 : Math.abs(v - actual[name]![i]!) / Math.abs(v),
    );
    expect(Math.max(...off), name).toBeLessThanOrEqual(
      ['l2', 'muNorm', 'bright', 'brightPeak'].includes(name) ? TOLERANCE : 0,
    );
  }
}

describe('the score pool', () => {
  const picture = terrain(170, 230, 12);

  it('gives the scores of one thread and one strip, whatever the workers, strips and batches', async () => {
    const scorer = await createOnnxScorer({ modelPath, threads: 1, channels: 1, tileSize: SIZE });
    const alone: TileParts = await new StripScorer(scorer, { channels: 1, batch: 1000 }).score(
      jobsOf(picture, AWAY, 1000)[0]!,
    );
    await scorer.close();
    for (const [workers, tileRows, batch] of [
      [1, 3, 7],
      [3, 1, 64],
    ] as const) {
      const pool = await open(workers, batch);
      expect(pool.workers).toBe(workers);
      const parts = await Promise.all(jobsOf(picture, AWAY, tileRows).map((job) => pool.scoreStrip(job)));
      expectClose(joined(parts), joined([alone]));
    }
  });

  it('takes over the buffer of a strip, and names its engine', async () => {
    const pool = await open(1);
    const [job] = jobsOf(picture, AWAY, 1);
    await pool.scoreStrip(job!);
    expect(job!.strip.data).toHaveLength(0);
    expect(pool.info).toMatchObject({
      engine: 'onnxruntime',
      device: 'cpu',
      version: expect.stringMatching(/^1\./) as string,
    });
  });

  it('leaves the neighbours of a strip alone that shares its buffer with them', async () => {
    const pool = await open(1);
    const [job] = jobsOf(picture, AWAY, 1);
    const shared = new Uint8Array(job!.strip.data.length + 10).fill(9);
    const data = shared.subarray(5, 5 + job!.strip.data.length);
    await pool.scoreStrip({ ...job!, strip: { ...job!.strip, data } });
    expect(shared).toHaveLength(data.length + 10);
  });

  it('explains tiles with reconstructions that give their own scores', async () => {
    const pool = await open(1);
    const pixels = terrain(64, 64, 5).data;
    const { l2, reconstruction, mu } = await pool.explain({
      count: 1,
      pixels,
      valid: new Uint8Array(4096).fill(1),
    });
    const sum = pixels.reduce((total, dn, i) => total + (dn / 255 - reconstruction[i]!) ** 2, 0);
    expect(Math.sqrt(sum)).toBeCloseTo(l2[0]!, 3);
    expect(mu).toHaveLength(64);
  });

  it('serves a few tiles before the strips that wait, and each of these in its turn', async () => {
    const pool = await open(1);
    const order: string[] = [];
    const noted = async (name: string, call: Promise<unknown>): Promise<void> => {
      await call;
      order.push(name);
    };
    const strips = jobsOf(picture, AWAY, 1).slice(0, 4);
    const calls = strips.map((job, i) => noted(`strip ${i}`, pool.scoreStrip(job)));
    const pixels = terrain(SIZE, SIZE, 5).data;
    const few = { count: 1, pixels, valid: new Uint8Array(SIZE ** 2).fill(1) };
    const peak = Uint8Array.of(SIZE / 2);
    calls.push(noted('confirm', pool.confirm({ ...few, peakX: peak, peakY: peak, shadow: AWAY })));
    calls.push(noted('explain', pool.explain(few)));
    await Promise.all(calls);
    expect(order).toEqual(['strip 0', 'confirm', 'explain', 'strip 1', 'strip 2', 'strip 3']);
  });

  it('stops at once when aborted, running or waiting, and works on afterwards', async () => {
    const pool = await open(1, 2);
    const abort = new AbortController();
    const calls = jobsOf(picture, AWAY, 2).map((job) => pool.scoreStrip(job, abort.signal));
    const outcomes = Promise.allSettled(calls);
    abort.abort(new Error('shut down'));
    for (const outcome of await outcomes) {
      expect(outcome.status).toBe('rejected');
      expect(String((outcome as PromiseRejectedResult).reason)).toContain('shut down');
    }
    await expect(pool.scoreStrip(jobsOf(picture, AWAY, 1)[0]!)).resolves.toMatchObject({ count: 5 });
    await expect(pool.scoreStrip(jobsOf(picture, AWAY, 1)[0]!, abort.signal)).rejects.toThrow('shut down');
  });

  it('rejects a strip that cannot be scored, says why, and scores the next', async () => {
    const pool = await open(1);
    const [bad, good] = jobsOf(picture, AWAY, 1);
    const failing = pool.scoreStrip({ ...bad!, grid: undefined as never });
    await expect(failing).rejects.toThrow(OperationalError);
    await expect(failing).rejects.toThrow(/could not score a strip: /);
    await expect(pool.scoreStrip(good!)).resolves.toMatchObject({ count: 5 });
  });

  it('rejects calls in flight and all later ones when it is closed', async () => {
    const pool = await open(1);
    const calls = Promise.allSettled(jobsOf(picture, AWAY, 1).map((job) => pool.scoreStrip(job)));
    await pool.close();
    for (const outcome of await calls) expect(outcome.status).toBe('rejected');
    await expect(pool.scoreStrip(jobsOf(picture, AWAY, 1)[0]!)).rejects.toThrow(/closed/);
  });

  it('names the graph that cannot be loaded', async () => {
    const broken = path.join(folder, 'broken.onnx');
    await writeFile(broken, 'no graph');
    const opening = createScorePool({
      modelPath: broken,
      hardwarePath: null,
      channels: 1,
      tileSize: SIZE,
      workers: 2,
      batch: 4,
    });
    await expect(opening).rejects.toThrow(OperationalError);
    await expect(opening).rejects.toThrow(/broken\.onnx cannot be loaded/);
  });
});

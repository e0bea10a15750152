import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OperationalError } from '../../src/domain/errors.js';
import { initialWeights } from '../../src/model/initial-weights.js';
import { stageModel } from '../../src/model/write-model-folder.js';
import { createScorePool, type ScorePoolOptions } from '../../src/scoring/create-score-pool.js';
import { engineUse } from '../../src/scoring/engine-use.js';
import { ONNX_ON_CPU, type EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { steadyScorer } from '../../src/scoring/engines/steady-scorer.js';
import type { EngineTrouble, ScorePool } from '../../src/scoring/score-pool.js';
import type { Scorer, TileBatch, TurnedBatch } from '../../src/scoring/scorer.js';
import { temporaryFolder } from '../training/support.js';
import { joined, jobsOf, SIZE, tallyScorer, terrain } from './support.js';

const AREA = SIZE * SIZE;
const GPU: EngineSpec = { engine: 'onnx-webgpu', device: 'gpu' };
const FALLBACK = { engine: ONNX_ON_CPU, workers: 2 };

const folder = temporaryFolder();
const picture = terrain(170, 230, 12);
let modelPath = '';
let expected: Record<string, number[]> = {};
const pools: ScorePool[] = [];

beforeAll(async () => {
  const architecture = { family: 'vae', channels: 1, latent: 64 } as const;
  const weights = initialWeights(architecture, 1);
  modelPath = (await stageModel(folder, { name: 'test', architecture, weights, training: null })).onnxPath;
  const { pool } = await open({}, { engine: ONNX_ON_CPU });
  expected = await scores(pool);
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

interface Faults {
  readonly above?: number;
  readonly after?: number;
  readonly once?: string;
  readonly how?: 'error' | 'exit';
}

/** A pool on WebGPU that fails as `faulty-worker.js` does it. */
async function open(
  faults: Faults,
  o: Partial<ScorePoolOptions> = {},
): Promise<{ pool: ScorePool; troubles: EngineTrouble[] }> {
  const troubles: EngineTrouble[] = [];
  const entry = path.join(await mkdtemp(path.join(folder, 'entry-')), 'worker.mjs');
  const worker = new URL('./faulty-worker.js', import.meta.url).href;
  const start = `globalThis.faults = ${JSON.stringify(faults)}; await import('${worker}');`;
  await writeFile(entry, start);
  const pool = await createScorePool({
    ...{ modelPath, hardwarePath: null, channels: 1, tileSize: SIZE, workers: 1, batch: 16, engine: GPU },
    entry: pathToFileURL(entry),
    onTrouble: (trouble) => troubles.push(trouble),
    ...o,
  });
  pools.push(pool);
  return { pool, troubles };
}

async function scores(pool: ScorePool): Promise<Record<string, number[]>> {
  const parts = await Promise.all(jobsOf(picture, { x: 1, y: 0 }, 2).map((job) => pool.scoreStrip(job)));
  return joined(parts);
}

/** Batches of other sizes sum in another order. */
function expectSame(found: Record<string, number[]>): void {
  for (const [name, values] of Object.entries(expected)) {
    expect(found[name], name).toHaveLength(values.length);
    values.forEach((value, i) => expect(found[name]![i], name).toBeCloseTo(value, 4));
  }
}

const kinds = (troubles: readonly EngineTrouble[]): string[] => [
  ...new Set(troubles.map(({ kind }) => kind)),
];

describe('an engine that fails', () => {
  test('with many tiles is given half of them until it works, and keeps to that', async () => {
    const { pool, troubles } = await open({ above: 5 });
    expectSame(await scores(pool));
    expect(troubles.map(({ kind, batch }) => ({ kind, batch }))).toEqual(
      [5, 2].slice(0, troubles.length).map((batch) => ({ kind: 'halved', batch })),
    );
    expect(troubles[0]).toMatchObject({
      engine: { engine: 'onnxruntime-webgpu' },
      reason: 'the device is lost',
    });
    const before = troubles.length;
    await scores(pool);
    expect(troubles).toHaveLength(before);
  });

  for (const how of ['error', 'exit'] as const) {
    test(`in one thread alone (${how}) is started anew, and the strip is not lost`, async () => {
      const { pool, troubles } = await open({ how, once: path.join(folder, how) });
      expectSame(await scores(pool));
      const all = how === 'error' ? ['halved', 'replaced'] : ['replaced'];
      expect(kinds(troubles)).toEqual(all);
      expect(troubles.filter(({ kind }) => kind === 'replaced')).toHaveLength(1);
      expect(pool.info).toMatchObject({ engine: 'onnxruntime-webgpu', device: 'gpu' });
    });
  }

  test('for good is left for the one that stands in, which the scan says', async () => {
    const engines: string[] = [];
    const { pool, troubles } = await open(
      { above: 0 },
      {
        fallback: FALLBACK,
        onEngine: ({ engine }) => engines.push(engine),
      },
    );
    const use = engineUse(pool);
    expect(use.info.engine).toBe('onnxruntime-webgpu');
    expectSame(await scores(use));
    expect(kinds(troubles)).toEqual(['halved', 'replaced', 'fell_back']);
    expect(troubles.at(-1)).toMatchObject({ kind: 'fell_back', to: ONNX_ON_CPU });
    expect(pool.info).toMatchObject({ engine: 'onnxruntime', device: 'cpu' });
    expect(use.info).toMatchObject({ engine: 'onnxruntime', device: 'cpu' });
    expect(pool.workers).toBe(FALLBACK.workers);
    expect(engines).toEqual(['onnxruntime-webgpu', 'onnxruntime']);
  });

  test('in the middle of a scan leaves both engines on its record', async () => {
    const { pool } = await open({ after: 1 }, { fallback: FALLBACK });
    const use = engineUse(pool);
    expectSame(await scores(use));
    expect(use.info).toMatchObject({ engine: 'onnxruntime-webgpu+onnxruntime', device: 'gpu+cpu' });
    const later = engineUse(pool);
    await scores(later);
    expect(later.info).toMatchObject({ engine: 'onnxruntime', device: 'cpu' });
  });

  test('with nothing to stand in fails its strips with one sentence, and is tried again', async () => {
    const { pool, troubles } = await open({ above: 0 });
    for (let attempt = 0; attempt < 2; attempt++) {
      const failing = pool.scoreStrip(jobsOf(picture, null, 1)[0]!);
      await expect(failing).rejects.toThrow(OperationalError);
      await expect(failing).rejects.toThrow(
        /fails with a single tile \(the device is lost\): check the engine/,
      );
    }
    expect(kinds(troubles)).toEqual(['halved', 'replaced']);
  });

  test('does not keep the pool from closing, nor an abort from being heard', async () => {
    const { pool } = await open({ above: 0 }, { fallback: FALLBACK });
    const abort = new AbortController();
    const scoring = pool.scoreStrip(jobsOf(picture, null, 1)[0]!, abort.signal);
    abort.abort(new Error('shut down'));
    await expect(scoring).rejects.toThrow('shut down');
    const closed = Promise.allSettled(jobsOf(picture, null, 1).map((job) => pool.scoreStrip(job)));
    await pool.close();
    for (const outcome of await closed) expect(outcome.status).toBe('rejected');
  });
});

describe('a steady scorer', () => {
  /** Fails with more than so many tiles. */
  const limited = (limit: number): Scorer => {
    const scorer = tallyScorer();
    const checked =
      <A extends { count: number }, R>(call: (batch: A) => Promise<R>) =>
      (batch: A): Promise<R> =>
        batch.count > limit ? Promise.reject(new Error('OOM when allocating tensor')) : call(batch);
    return {
      ...scorer,
      score: checked((batch: TileBatch) => scorer.score(batch)),
      hardware: checked((batch: TurnedBatch) => scorer.hardware!(batch)),
    };
  };

  test('gives what the engine gives of the whole batch, however few tiles it can take', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        async (limit, count) => {
          // Buffers with room for more tiles than there are.
          const pixels = terrain(SIZE, SIZE * (count + 2), limit).data;
          const batch: TileBatch = { count, pixels, valid: new Uint8Array((count + 1) * AREA).fill(1) };
          const scorer = steadyScorer(limited(limit), { channels: 1, tileSize: SIZE }, () => undefined);
          const whole = await tallyScorer().score({ ...batch, pixels: pixels.subarray(0, count * AREA) });
          expect(await scorer.score(batch)).toEqual(whole);
          const turned = { count, pixels, octants: new Float32Array(count) };
          expect(await scorer.hardware!(turned)).toEqual(await tallyScorer().hardware!(turned));
        },
      ),
      { numRuns: 12 },
    );
  });
});

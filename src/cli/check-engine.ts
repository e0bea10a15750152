import { availableParallelism, cpus } from 'node:os';
import type { Config } from '../config/schema.js';
import { OperationalError } from '../domain/errors.js';
import { probeEngine } from '../scoring/engines/engine-probe.js';
import { ENGINES, type EngineDevice, type EngineName } from '../scoring/engines/engine-spec.js';
import type { ScorePool } from '../scoring/score-pool.js';
import type { TileBatch } from '../scoring/scorer.js';
import { planGrid } from '../tiling/grid.js';
import { engineFor, openPoolOn } from './open-pool.js';
import { openModel } from './parts.js';
import { deviation, referenceBatch } from './reference-deviation.js';

const TRIAL_MS = 2000;
/** A NAC image of full length. */
const WHOLE = { width: 5064, height: 52_224 };

/**
 * Chooses the engine, loads the model, scores its reference tiles and times the engine for two seconds.
 * @throws OperationalError when no engine is as configured, or the scores are not those of the model folder
 */
export async function checkEngine(config: Config): Promise<string> {
  const model = await openModel(config);
  const choice = await engineFor(config);
  const pool = await openPoolOn(choice, config, model);
  try {
    const { engine, version, device } = pool.info;
    const { worst, what } = await deviation(pool, model);
    const { tolerance } = model.reference;
    if (!(worst <= tolerance))
      throw new OperationalError(
        'engine_disagrees',
        `${engine} ${version} (${device}) scores the reference tiles of ${model.dir} off by ${worst.toExponential(1)}, above ${tolerance}; reinstall the engine (npm ci), or set scoring.engine to onnx.`,
      );
    const rate = await tilesPerSecond(pool, referenceBatch(model), config.scoring.batch);
    const perDay = Math.round((rate * 86_400) / wholeImageTiles(config));
    const threads = pool.workers === 1 ? '1 thread' : `${pool.workers} threads`;
    return `${model.id} on ${engine} ${version} (${device}: ${choice.why}), ${threads}: ${rate} tiles/s (about ${perDay} whole images of ${WHOLE.width} x ${WHOLE.height} a day), ${what} within ${worst.toExponential(1)}`;
  } finally {
    await pool.close();
  }
}

/** Where each engine is tried, in the order in which it is wanted. */
const PLACES: Readonly<Record<EngineName, readonly EngineDevice[]>> = {
  onnx: ['cpu'],
  'onnx-webgpu': ['gpu', 'software'],
  openvino: ['cpu'],
  tensorflow: ['gpu'],
};

/** One line for each engine that could be chosen: its version and what it computes on, or why it does not. */
export function describeEngines(): Promise<{ engine: EngineName; line: string }[]> {
  return Promise.all(ENGINES.map(async (engine) => ({ engine, line: await describeEngine(engine) })));
}

async function describeEngine(engine: EngineName): Promise<string> {
  let reason = '';
  for (const device of PLACES[engine]) {
    const found = await probeEngine({ engine, device });
    if ('device' in found) return `usable: version ${found.version}, ${whereOf(found.device)}`;
    reason = found.reason;
  }
  return `not usable: ${reason}`;
}

function whereOf(device: EngineDevice): string {
  if (device === 'gpu') return 'on a GPU';
  if (device === 'software') return 'on a graphics driver that computes on the CPU, which is slow';
  return `on the CPU (${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown make'})`;
}

function wholeImageTiles({ tiling }: Config): number {
  const grid = planGrid(WHOLE, { size: tiling.size, strideX: tiling.stride_x, strideY: tiling.stride_y });
  return grid.xs.length * grid.ys.length;
}

async function tilesPerSecond(pool: ScorePool, reference: TileBatch, size: number): Promise<number> {
  const batch = repeated(reference, size);
  const started = performance.now();
  let tiles = 0;
  const loop = async () => {
    while (performance.now() - started < TRIAL_MS) {
      await pool.explain(batch);
      tiles += size;
    }
  };
  await Promise.all(Array.from({ length: pool.workers }, loop));
  return Math.round(tiles / ((performance.now() - started) / 1000));
}

function repeated(batch: TileBatch, count: number): TileBatch {
  const repeat = (bytes: Uint8Array) => {
    const each = bytes.length / batch.count;
    const out = new Uint8Array(each * count);
    for (let i = 0; i < count; i++)
      out.set(bytes.subarray((i % batch.count) * each, ((i % batch.count) + 1) * each), i * each);
    return out;
  };
  return { count, pixels: repeat(batch.pixels), valid: repeat(batch.valid) };
}

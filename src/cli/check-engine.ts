import type { Config } from '../config/schema.js';
import { OperationalError } from '../domain/errors.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import type { ScorePool } from '../scoring/score-pool.js';
import type { Explanation, TileBatch } from '../scoring/scorer.js';
import { planGrid } from '../tiling/grid.js';
import { openModel, openPool } from './parts.js';

const TRIAL_MS = 2000;
/** A NAC image of full length. */
const WHOLE = { width: 5064, height: 52_224 };

/**
 * Loads the model, scores its reference tiles and times the engine for two seconds.
 * @throws OperationalError when the scores are not those of the model folder
 */
export async function checkEngine(config: Config): Promise<string> {
  const model = await openModel(config);
  const pool = await openPool(config, model);
  try {
    const batch = referenceBatch(model);
    const worst = deviation(model, await pool.explain(batch));
    const { tolerance } = model.reference;
    if (!(worst <= tolerance))
      throw new OperationalError(
        'engine_disagrees',
        `${pool.info.engine} ${pool.info.version} scores the reference tiles of ${model.dir} off by ${worst.toExponential(1)}, above ${tolerance}; reinstall the engine (npm ci).`,
      );
    const rate = await tilesPerSecond(pool, batch, config.scoring.batch);
    const perDay = Math.round((rate * 86_400) / wholeImageTiles(config));
    return `${model.id} on ${pool.info.engine} ${pool.info.version} (${pool.info.device}), ${pool.workers} threads: ${rate} tiles/s (about ${perDay} whole images of ${WHOLE.width} x ${WHOLE.height} a day), reference scores within ${worst.toExponential(1)}`;
  } finally {
    await pool.close();
  }
}

function wholeImageTiles({ tiling }: Config): number {
  const grid = planGrid(WHOLE, { size: tiling.size, strideX: tiling.stride_x, strideY: tiling.stride_y });
  return grid.xs.length * grid.ys.length;
}

function referenceBatch({ reference }: ModelFolder): TileBatch {
  return {
    count: reference.count,
    pixels: new Uint8Array(Buffer.from(reference.tiles, 'base64')),
    valid: new Uint8Array(Buffer.from(reference.valid, 'base64')),
  };
}

/** Largest |score - reference| / max(1, |reference|) over tiles and scores. */
function deviation({ reference }: ModelFolder, scores: Explanation): number {
  let worst = 0;
  for (const name of ['l2', 'muNorm', 'bright'] as const)
    reference[name].forEach((expected, i) => {
      const found = scores[name][i] ?? NaN;
      const off = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
      worst = Number.isNaN(off) ? NaN : Math.max(worst, off);
    });
  return worst;
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

import { availableParallelism, cpus } from 'node:os';
import type { Config } from '../config/schema.js';
import { OperationalError } from '../domain/errors.js';
import { probeEngine } from '../scoring/engines/engine-probe.js';
import { ENGINES, type EngineDevice, type EngineName } from '../scoring/engines/engine-spec.js';
import { engineFor } from './open-pool.js';
import { openScoring } from './open-scoring.js';
import { openModel } from './parts.js';
import { deviation, referenceBatch } from './reference-deviation.js';
import { WHOLE_FRAME } from '../domain/whole-frame.js';
import { trialRates } from './trial-rates.js';

/**
 * Chooses the engine, loads the model, scores its reference tiles and times the engine for some seconds.
 * @throws OperationalError when no engine is as configured, or the scores are not those of the model folder
 */
export async function checkEngine(config: Config): Promise<string> {
  const model = await openModel(config);
  const choice = await engineFor(config);
  const scoring = await openScoring(config, model, { choice });
  const { pool } = scoring;
  try {
    const { engine, version, device } = pool.info;
    const { worst, what } = await deviation(pool, model);
    const { tolerance } = model.reference;
    if (!(worst <= tolerance))
      throw new OperationalError(
        'engine_disagrees',
        `${engine} ${version} (${device}) scores the reference tiles of ${model.dir} off by ${worst.toExponential(1)}, above ${tolerance}; reinstall the engine (npm ci), or set scoring.engine to onnx.`,
      );
    const rates = await trialRates(scoring, referenceBatch(model));
    const { mode = 'exact' } = scoring.options;
    const screened = mode === 'exact' ? '' : ` in fp32, ${Math.round(rates.mode)} in mode ${mode}`;
    const threads = pool.workers === 1 ? '1 thread' : `${pool.workers} threads`;
    return `${model.id} on ${engine} ${version} (${device}: ${choice.why}), ${threads}: ${Math.round(rates.exact)} tiles/s${screened} (about ${Math.round(rates.imagesPerDay)} whole images of ${WHOLE_FRAME.width} x ${WHOLE_FRAME.height} a day), ${what} within ${worst.toExponential(1)}`;
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

import { availableParallelism } from 'node:os';
import type { Config } from '../config/schema.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { chooseEngine, type EngineChoice } from '../scoring/engines/choose-engine.js';
import { probeEngine, showsGpu } from '../scoring/engines/engine-probe.js';
import type { EngineSpec, ScreenFiles } from '../scoring/engines/engine-spec.js';
import { hasOpenVino } from '../scoring/engines/openvino/installed.js';
import { createScorePool } from '../scoring/create-score-pool.js';
import type { EngineTrouble, ScorePool } from '../scoring/score-pool.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';

/** Threads that feed one GPU. */
const GPU_WORKERS = 4;

/** Who hears of the engine that scores and of its troubles. */
export interface EngineListeners {
  readonly log?: Logger;
  readonly metrics?: Metrics;
}

/**
 * Scoring threads for a model on the configured engine. One message says which engine scores, where and why.
 *
 * @param screening graphs in int8, where tiles are to be screened
 * @throws OperationalError | UsageError as `chooseEngine`, and where the model or the engine cannot be loaded
 */
export async function openPool(
  config: Config,
  model: ModelFolder,
  listeners: EngineListeners = {},
  screening: ScreenFiles | null = null,
): Promise<ScorePool> {
  return openPoolOn(await engineFor(config), config, model, listeners, screening);
}

/** The engine that the configuration comes to on this machine. */
export function engineFor({ scoring }: Config): Promise<EngineChoice> {
  return chooseEngine(scoring, { showsGpu, hasOpenVino, probe: probeEngine });
}

export async function openPoolOn(
  { spec, why, fallback }: EngineChoice,
  config: Config,
  model: ModelFolder,
  { log, metrics }: EngineListeners = {},
  screening: ScreenFiles | null = null,
): Promise<ScorePool> {
  const { architecture } = model.manifest;
  const pool = await createScorePool({
    modelPath: model.onnxPath,
    hardwarePath: model.hardwarePath,
    screening,
    channels: architecture.channels,
    tileSize: config.tiling.size,
    network: { weightsPath: model.weightsPath, architecture },
    batch: config.scoring.batch,
    engine: spec,
    workers: workersFor(spec, config),
    fallback: fallback && { engine: fallback, workers: workersFor(fallback, config) },
    onTrouble: (trouble) => report(trouble, log, metrics),
    onEngine: (info) => {
      metrics?.engine.reset();
      metrics?.engine.set(info, 1);
    },
  });
  log?.info({ ...pool.info, workers: pool.workers, why }, 'Engine:Chosen');
  return pool;
}

/** As configured, else one for every core, and on a GPU as many as keep it busy. */
function workersFor({ engine, device }: EngineSpec, { scoring }: Config): number {
  // All sessions of WebGPU in a process share one device, which takes one call at a time.
  if (engine === 'onnx-webgpu') return 1;
  if (scoring.workers !== 0) return scoring.workers;
  return device === 'gpu' ? Math.min(GPU_WORKERS, availableParallelism()) : availableParallelism();
}

function report({ kind, engine, reason, batch, to }: EngineTrouble, log?: Logger, metrics?: Metrics): void {
  metrics?.engineTroubles.inc({ kind, engine: engine.engine, device: engine.device });
  const facts = { engine: engine.engine, device: engine.device, reason };
  if (kind === 'halved') log?.warn({ ...facts, batch }, 'Engine:BatchHalved');
  else if (kind === 'replaced') log?.warn(facts, 'Engine:ThreadReplaced');
  else log?.error({ ...facts, to }, 'Engine:FellBack');
}

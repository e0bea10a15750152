import { OperationalError } from '../domain/errors.js';
import { workerUrl } from '../workers/worker-url.js';
import { EngineThreads, type Fallback } from './engine-threads.js';
import { returnFreed } from './engines/allocator.js';
import { prepareProcess } from './engines/engine-environment.js';
import { ONNX_ON_CPU, type EngineSpec } from './engines/engine-spec.js';
import type { EngineTrouble, ScorePool } from './score-pool.js';
import { ScoreThread } from './score-thread.js';
import type { EngineInfo } from './scorer.js';
import { ThreadPool } from './thread-pool.js';
import type { ScoreWorkerData } from './worker-protocol.js';

export interface ScorePoolOptions extends ScoreWorkerData {
  readonly workers: number;
  /** What takes over when the engine fails for good, with as many threads. */
  readonly fallback?: Fallback | null;
  readonly onTrouble?: (trouble: EngineTrouble) => void;
  /** Told what scores, at the start and whenever that changes. */
  readonly onEngine?: (info: EngineInfo) => void;
  /** What the threads run: the score worker. */
  readonly entry?: URL;
}

/**
 * Starts `workers` threads with one engine thread each, and waits until all of them hold the model.
 *
 * @param o.batch tiles a call of the model.
 * @throws OperationalError when the model or the engine cannot be loaded.
 */
export async function createScorePool(o: ScorePoolOptions): Promise<ScorePool> {
  const {
    workers,
    fallback = null,
    onTrouble = () => undefined,
    onEngine = () => undefined,
    entry = workerUrl('score-worker'),
    engine = ONNX_ON_CPU,
    ...data
  } = o;
  const start = async (spec: EngineSpec): Promise<ScoreThread> => {
    await prepareProcess(spec);
    const thread: ScoreThread = await ScoreThread.start(entry, { ...data, engine: spec }, (batch, reason) =>
      onTrouble({ kind: 'halved', engine: thread.info, batch, reason }),
    );
    return thread;
  };
  const started = await Promise.allSettled(Array.from({ length: workers }, () => start(engine)));
  const threads = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = started.find((result) => result.status === 'rejected');
  if (failure || threads.length === 0) {
    await Promise.all(threads.map((thread) => thread.close()));
    throw failure?.reason ?? new OperationalError('engine', 'The score pool needs at least one worker.');
  }
  await returnFreed();
  onEngine(threads[0]!.info);
  return new ThreadPool(new EngineThreads(threads, start, engine, fallback, { onTrouble, onEngine }));
}

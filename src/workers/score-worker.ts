/** Worker thread that scores strips, one at a time, with one thread of the engine. */
import { parentPort, workerData } from 'node:worker_threads';
import { isUserFacing } from '../domain/errors.js';
import { createOnnxScorer } from '../scoring/onnx-scorer.js';
import { StripScorer } from '../scoring/score-strip.js';
import type { FromScoreWorker, ScoreWorkerData, ToScoreWorker } from '../scoring/worker-protocol.js';

if (!parentPort) throw new Error('score-worker is started by the score pool');
const port = parentPort;
const { modelPath, hardwarePath, screening = null, channels, tileSize, batch } = workerData as ScoreWorkerData;

function post(message: FromScoreWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function postError(id: number | null, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  post({ kind: 'error', id, message, code: isUserFacing(error) ? error.code : null });
}

try {
  const scorer = await createOnnxScorer({
    ...{ modelPath, hardwarePath, screening, channels, tileSize },
    threads: 1,
  });
  const strips = new StripScorer(scorer, { channels, batch });
  const running = new Map<number, AbortController>();

  const handle = async (message: ToScoreWorker): Promise<void> => {
    if (message.kind === 'abort') {
      running.get(message.id)?.abort();
      return;
    }
    if (message.kind === 'close') {
      await scorer.close();
      port.close();
      return;
    }
    const { id } = message;
    try {
      if (message.kind === 'explain') {
        post({ kind: 'explanation', id, result: await scorer.explain(message.batch) });
        return;
      }
      const abort = new AbortController();
      running.set(id, abort);
      const result = await (message.kind === 'strip'
        ? strips.score(message.job, abort.signal)
        : strips.confirm(message.job, tileSize, abort.signal));
      const arrays = Object.values(result).filter((part) => ArrayBuffer.isView(part));
      post(
        { kind: 'parts', id, result },
        arrays.map((array) => array.buffer as ArrayBuffer),
      );
    } catch (error) {
      postError(id, error);
    } finally {
      running.delete(id);
    }
  };
  port.on('message', (message: ToScoreWorker) => void handle(message));
  const screens = { vae: scorer.screen !== undefined, net: scorer.screenHardware !== undefined };
  post({ kind: 'ready', info: scorer.info, screens });
} catch (error) {
  postError(null, error);
}

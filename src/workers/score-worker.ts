/** Worker thread that scores strips, one at a time, with one thread of the engine. */
import { parentPort, workerData } from 'node:worker_threads';
import { isUserFacing } from '../domain/errors.js';
import { createScorer } from '../scoring/engines/create-scorer.js';
import { ONNX_ON_CPU } from '../scoring/engines/engine-spec.js';
import { steadyScorer } from '../scoring/engines/steady-scorer.js';
import { greyOfStrip } from '../domain/strip-grey.js';
import { StripScorer } from '../scoring/score-strip.js';
import type { ScoredStrip, StripJob } from '../scoring/strip-job.js';
import { timedScorer } from '../scoring/timed-scorer.js';
import type { FromScoreWorker, ScoreWorkerData, ToScoreWorker } from '../scoring/worker-protocol.js';

if (!parentPort) throw new Error('score-worker is started by the score pool');
const port = parentPort;
const { engine = ONNX_ON_CPU, batch, ...model } = workerData as ScoreWorkerData;

function post(message: FromScoreWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function postError(id: number | null, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  post({ kind: 'error', id, message, code: isUserFacing(error) ? error.code : null });
}

try {
  const scorer = timedScorer(
    steadyScorer(await createScorer(engine, model, 1), model, (limit, reason) =>
      post({ kind: 'halved', batch: limit, reason }),
    ),
  );
  const strips = new StripScorer(scorer, { channels: model.channels, batch });
  const running = new Map<number, AbortController>();

  const scored = async (job: StripJob, signal: AbortSignal): Promise<ScoredStrip> => {
    const parts = await strips.score(job, signal);
    return { ...parts, grey: job.grey ? greyOfStrip(job.strip, job.grey) : null };
  };

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
      if (message.kind === 'cells') {
        post({ kind: 'cells', id, result: (await scorer.hardware?.(message.batch)) ?? null });
        return;
      }
      const abort = new AbortController();
      running.set(id, abort);
      const [started, inNetworks, inScoring] = [
        performance.now(),
        scorer.networkSeconds(),
        strips.scoringSeconds,
      ];
      const result = await (message.kind === 'strip'
        ? scored(message.job, abort.signal)
        : strips.confirm(message.job, model.tileSize, abort.signal));
      const networks = scorer.networkSeconds() - inNetworks;
      const scoring = strips.scoringSeconds - inScoring;
      const tiles = (performance.now() - started) / 1000 - scoring;
      const seconds = { networks, scores: scoring - networks, tiles };
      const arrays = [result, 'grey' in result ? result.grey : null].flatMap((part) =>
        Object.values(part ?? {}).filter((one) => ArrayBuffer.isView(one)),
      );
      post(
        { kind: 'parts', id, result, seconds },
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

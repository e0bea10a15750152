import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { UsageError } from '../domain/errors.js';
import type { PlantedObject } from '../simulation/planted.js';
import type { FromSceneWorker, ToSceneWorker } from '../workers/scene-protocol.js';
import { workerUrl } from '../workers/worker-url.js';
import type { SceneMaker } from './scene-maker.js';

/** Longest wait for the thread to end by itself, ms: the encoder cannot be interrupted. */
const PATIENCE_MS = 10_000;

interface Pending {
  readonly resolve: (truth: readonly PlantedObject[]) => void;
  readonly reject: (reason: Error) => void;
}

/** Makes synthetic scenes in a thread of their own; it starts with the first one that is asked for. */
export function createSceneThread(): SceneMaker {
  const pending = new Map<number, Pending>();
  let worker: Worker | null = null;
  let closed = false;
  let nextId = 0;

  function fail(reason: Error): void {
    for (const { reject } of pending.values()) reject(reason);
    pending.clear();
  }

  function start(): Worker {
    const thread = new Worker(workerUrl('scene-worker'), { name: 'scene' });
    thread.on('message', (message: FromSceneWorker) => {
      const waiting = pending.get(message.id);
      pending.delete(message.id);
      if (message.kind === 'done') waiting?.resolve(message.truth);
      else waiting?.reject(message.usage ? new UsageError(message.message) : new Error(message.message));
    });
    thread.on('error', fail);
    thread.on('exit', () => fail(new Error('the replica is closed')));
    return thread;
  }

  function ask(message: (id: number) => ToSceneWorker): Promise<readonly PlantedObject[]> {
    if (closed) return Promise.reject(new Error('the replica is closed'));
    worker ??= start();
    const id = nextId++;
    const answer = new Promise<readonly PlantedObject[]>((resolve, reject) => {
      pending.set(id, { resolve, reject });
    });
    worker.postMessage(message(id));
    return answer;
  }

  return {
    truth: (spec) => ask((id) => ({ kind: 'truth', id, spec })),
    async make(spec, path) {
      await ask((id) => ({ kind: 'make', id, spec, path }));
    },
    async makeImg(spec, job) {
      await ask((id) => ({ kind: 'make-img', id, spec, ...job }));
    },
    async close() {
      closed = true;
      if (worker === null || worker.threadId < 0) return;
      const thread = worker;
      const exit = once(thread, 'exit');
      thread.postMessage({ kind: 'close' } satisfies ToSceneWorker);
      const timer = setTimeout(() => void thread.terminate(), PATIENCE_MS);
      await exit;
      clearTimeout(timer);
    },
  };
}

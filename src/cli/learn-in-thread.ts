import { Worker } from 'node:worker_threads';
import type { LearnedOrder, ReviewedExamples } from '../evaluation/learn-order.js';
import { workerUrl } from '../workers/worker-url.js';

/** Learns in a thread of its own, so that nobody waits for it. Aborting ends the thread. */
export async function learnInThread(examples: ReviewedExamples, signal: AbortSignal): Promise<LearnedOrder> {
  const worker = new Worker(workerUrl('learn-worker'), { workerData: examples, name: 'learn' });
  // A process that has nothing else to do need not stay for it.
  worker.unref();
  try {
    return await new Promise<LearnedOrder>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('The learning thread ended without an answer.')));
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    await worker.terminate();
  }
}

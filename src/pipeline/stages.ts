/**
 * What an image's time goes into, one after the other: `decode` is the wait for strips that are not there yet, and
 * `score` the rest of the way of strips through the scorers; `merge` ranks the tiles and scores in fp32 what a first
 * pass has left open.
 */
export const STAGES = ['fetch', 'geometry', 'decode', 'score', 'merge', 'describe', 'commit'] as const;
export type Stage = (typeof STAGES)[number];

/** Told of the seconds that an image spent in a stage, each time it was in one. */
export type OnStage = (stage: Stage, seconds: number) => void;

/** Counts how long the taker of items waits for them. */
export class Waits {
  seconds = 0;

  async *on<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = items[Symbol.asyncIterator]();
    try {
      for (;;) {
        const started = performance.now();
        const step = await iterator.next();
        this.seconds += (performance.now() - started) / 1000;
        if (step.done) return;
        yield step.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
}

/** Does some work of a stage; its time counts whether it succeeds or not. */
export async function inStage<T>(
  stage: Stage,
  onStage: OnStage | undefined,
  work: () => T | Promise<T>,
): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    onStage?.(stage, (performance.now() - started) / 1000);
  }
}

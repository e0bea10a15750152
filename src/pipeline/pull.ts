import { Observable, type Subscriber } from 'rxjs';

/**
 * Maps a pulled source with bounded concurrency. The next item is asked for only when a slot is free, so
 * nothing piles up between a fast source and a slow mapper; `from(asyncIterable)` with `mergeMap` pulls as
 * fast as it can and buffers without bound.
 *
 * Results come in order of completion. Unsubscribing aborts the signal, ends the iterator and waits for no
 * one; the first error does the same and is the stream's error.
 *
 * @param concurrency items in work at the same time, at least 1
 */
export function pullMap<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  project: (item: T, signal: AbortSignal) => Promise<R>,
): Observable<R> {
  return new Observable((subscriber) => {
    const run = new PullRun(source, concurrency, project, subscriber);
    run.fill();
    return () => run.cancel();
  });
}

class PullRun<T, R> {
  private readonly abort = new AbortController();
  private readonly iterator: AsyncIterator<T> | Iterator<T>;
  private readonly concurrency: number;
  private readonly project: (item: T, signal: AbortSignal) => Promise<R>;
  private readonly subscriber: Subscriber<R>;
  private running = 0;
  private pulling = false;
  private ended = false;

  constructor(
    source: AsyncIterable<T> | Iterable<T>,
    concurrency: number,
    project: (item: T, signal: AbortSignal) => Promise<R>,
    subscriber: Subscriber<R>,
  ) {
    this.iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.concurrency = Math.max(1, concurrency);
    this.project = project;
    this.subscriber = subscriber;
  }

  /** Pulls one item when there is room; an iterator is never asked twice at once. */
  fill(): void {
    if (this.pulling || this.ended || this.running >= this.concurrency || this.subscriber.closed) return;
    this.pulling = true;
    void this.pull();
  }

  cancel(): void {
    if (this.abort.signal.aborted) return;
    this.abort.abort();
    if (!this.ended) {
      this.ended = true;
      // An async generator finishes its pending step first; its outcome concerns no one any more.
      void Promise.resolve(this.iterator.return?.()).catch(() => undefined);
    }
  }

  private async pull(): Promise<void> {
    try {
      const step = await this.iterator.next();
      this.pulling = false;
      if (this.abort.signal.aborted) return;
      if (step.done) {
        this.ended = true;
        this.completeWhenIdle();
        return;
      }
      this.running++;
      void this.work(step.value);
      this.fill();
    } catch (error) {
      this.ended = true;
      this.fail(error);
    }
  }

  private async work(item: T): Promise<void> {
    try {
      const result = await this.project(item, this.abort.signal);
      this.running--;
      if (this.abort.signal.aborted) return;
      this.subscriber.next(result);
      this.completeWhenIdle();
      this.fill();
    } catch (error) {
      this.running--;
      this.fail(error);
    }
  }

  private completeWhenIdle(): void {
    if (this.ended && this.running === 0) this.subscriber.complete();
  }

  private fail(error: unknown): void {
    if (this.abort.signal.aborted) return;
    this.subscriber.error(error);
    this.cancel();
  }
}

import fc from 'fast-check';
import { lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullMap } from '../../src/pipeline/pull.js';

const tick = (ms = 0) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('pulling with bounded concurrency', () => {
  it('never has more items in work than allowed, nor pulls ahead of a free slot', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
        async (concurrency, delays) => {
          let pulled = 0;
          let finished = 0;
          let most = 0;
          function* source() {
            for (const d of delays) {
              pulled++;
              most = Math.max(most, pulled - finished);
              yield d;
            }
          }
          const results = await lastValueFrom(
            pullMap(source(), concurrency, async (d) => {
              await tick(d);
              finished++;
              return d;
            }).pipe(toArray()),
          );
          expect([...results].sort()).toEqual([...delays].sort());
          expect(most).toBeLessThanOrEqual(concurrency);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('aborts the work in hand and closes the source when the consumer leaves', async () => {
    let closed = false;
    let aborted = 0;
    async function* source() {
      try {
        for (let i = 0; ; i++) {
          await tick();
          yield i;
        }
      } finally {
        closed = true;
      }
    }
    const work = async (i: number, signal: AbortSignal) => {
      signal.addEventListener('abort', () => aborted++);
      await tick(i === 0 ? 1 : 20);
      return i;
    };
    await lastValueFrom(pullMap(source(), 3, work).pipe(take(1)));
    await tick(30);
    expect(closed).toBe(true);
    expect(aborted).toBeGreaterThan(0);
  });

  it('ends with the first error and pulls no further', async () => {
    let pulled = 0;
    function* source() {
      for (;;) yield pulled++;
    }
    const run = pullMap(source(), 2, async (i) => {
      await tick(1);
      if (i === 3) throw new Error('bad item');
      return i;
    });
    await expect(lastValueFrom(run)).rejects.toThrow('bad item');
    const then = pulled;
    await tick(10);
    expect(pulled).toBe(then);
  });

  it('passes on an error of the source itself', async () => {
    async function* source() {
      yield 1;
      await tick();
      throw new Error('source broke');
    }
    await expect(lastValueFrom(pullMap(source(), 2, (i) => Promise.resolve(i)))).rejects.toThrow(
      'source broke',
    );
  });
});

import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/pipeline/turns.js';

const never = new AbortController().signal;

describe('turns', () => {
  it('let in as many as they may, in the order of asking, whoever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.boolean(), { maxLength: 9 }),
        async (count, fails) => {
          const turns = new Turns(count);
          const order: number[] = [];
          let inside = 0;
          const results = await Promise.allSettled(
            fails.map((fail, n) =>
              turns.take(never, async () => {
                order.push(n);
                expect(++inside).toBeLessThanOrEqual(count);
                await nextTurn();
                inside--;
                if (fail) throw new Error('failed');
              }),
            ),
          );
          expect(order).toEqual(fails.map((_, n) => n));
          expect(results.map(({ status }) => status === 'rejected')).toEqual(fails);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are left by those who stop waiting, without harm to the next', async () => {
    const turns = new Turns(1);
    let end: () => void = () => undefined;
    const first = turns.take(never, () => new Promise<void>((resolve) => (end = resolve)));
    const stop = new AbortController();
    const second = turns.take(stop.signal, () => Promise.resolve('second'));
    const third = turns.take(never, () => Promise.resolve('third'));
    stop.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    end();
    await first;
    await expect(third).resolves.toBe('third');
  });

  it('are given to the next by who leaves before the work is done, once', async () => {
    const turns = new Turns(1);
    let end: () => void = () => undefined;
    const first = turns.take(never, async (leave) => {
      leave();
      leave();
      await new Promise<void>((resolve) => (end = resolve));
    });
    let inside = 0;
    const work = async (): Promise<number> => {
      const most = ++inside;
      await nextTurn();
      inside--;
      return most;
    };
    await expect(Promise.all([turns.take(never, work), turns.take(never, work)])).resolves.toEqual([1, 1]);
    end();
    await first;
    await expect(Promise.all([turns.take(never, work), turns.take(never, work)])).resolves.toEqual([1, 1]);
  });
});

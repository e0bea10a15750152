import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitingQueue, type Rank } from '../../src/scoring/waiting-queue.js';

describe('the queue of calls that wait for a thread', () => {
  it('serves few tiles before strips, each in the order they came, and leaves out those that gave up', async () => {
    const caller = fc.record({ rank: fc.constantFrom<Rank>('few', 'strip'), givesUp: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(caller, { maxLength: 12 }), async (callers) => {
        const queue = new WaitingQueue<number>();
        const waits = callers.map(({ rank, givesUp }) => {
          const abort = new AbortController();
          const wait = queue.wait(rank, abort.signal);
          if (givesUp) abort.abort(new Error('gave up'));
          return wait;
        });
        const staying = callers.map((caller, at) => ({ ...caller, at })).filter(({ givesUp }) => !givesUp);
        const turns = [
          ...staying.filter(({ rank }) => rank === 'few'),
          ...staying.filter(({ rank }) => rank === 'strip'),
        ].map(({ at }) => at);
        for (let turn = 0; turn < turns.length; turn++) expect(queue.give(turn)).toBe(true);
        expect(queue.give(-1)).toBe(false);
        const outcomes = await Promise.allSettled(waits);
        outcomes.forEach((outcome, at) => {
          if (callers[at]!.givesUp)
            expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'gave up' } });
          else expect(outcome).toEqual({ status: 'fulfilled', value: turns.indexOf(at) });
        });
      }),
    );
  });

  it('serves a strip that waits as soon as no call for a few tiles does', async () => {
    const queue = new WaitingQueue<string>();
    const strip = queue.wait('strip');
    const few = queue.wait('few');
    queue.give('first');
    const late = queue.wait('few');
    queue.give('second');
    queue.give('third');
    expect(await Promise.all([few, late, strip])).toEqual(['first', 'second', 'third']);
  });

  it('rejects all that wait when it ends, and at once whoever comes with an aborted signal', async () => {
    const queue = new WaitingQueue<string>();
    const waits = [queue.wait('strip'), queue.wait('few')];
    await expect(queue.wait('few', AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    queue.end(new Error('closed'));
    for (const outcome of await Promise.allSettled(waits))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'closed' } });
    expect(queue.give('nobody')).toBe(false);
  });

  it('does not serve one twice that gives up after it was served', async () => {
    const queue = new WaitingQueue<string>();
    const abort = new AbortController();
    const first = queue.wait('strip', abort.signal);
    const second = queue.wait('strip');
    queue.give('first');
    abort.abort(new Error('gave up'));
    queue.give('second');
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  });
});

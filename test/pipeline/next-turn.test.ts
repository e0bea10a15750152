import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { NextTurn } from '../../src/pipeline/next-turn.js';
import { Turns } from '../../src/pipeline/turns.js';

const never = new AbortController().signal;

describe('the turn at the next stage', () => {
  it('comes when whoever is there leaves, and lets the stage before go on then', async () => {
    const turns = new Turns(1);
    const leave = await turns.enter(never);
    let went = 0;
    const next = new NextTurn(turns, () => went++, never);
    next.ask();
    next.ask();
    await nextTick();
    expect(went).toBe(0);
    leave();
    await next.come();
    expect(went).toBe(1);
    await next.leave();
    await expect(turns.take(never, () => Promise.resolve('free'))).resolves.toBe('free');
  });

  it('is given on where the work failed before it came', async () => {
    const turns = new Turns(1);
    const leave = await turns.enter(never);
    const failed = new NextTurn(turns, () => undefined, never);
    failed.ask();
    const left = failed.leave();
    leave();
    await left;
    await expect(turns.take(never, () => Promise.resolve('free'))).resolves.toBe('free');
  });

  it('is waited for no longer when the work is ended, and harms nobody', async () => {
    const turns = new Turns(1);
    const leave = await turns.enter(never);
    const stop = new AbortController();
    const ended = new NextTurn(turns, () => undefined, stop.signal);
    ended.ask();
    stop.abort(new Error('stopped'));
    await expect(ended.come()).rejects.toThrow('stopped');
    await ended.leave();
    leave();
    await expect(turns.take(never, () => Promise.resolve('free'))).resolves.toBe('free');
  });
});

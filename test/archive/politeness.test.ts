import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLocalGate } from '../../src/archive/politeness/host-gate.js';
import { retryAfterSeconds } from '../../src/archive/http/retry-after.js';
import { withRetries } from '../../src/archive/http/retry.js';
import { TransientError } from '../../src/domain/errors.js';
import { fakeClock } from './support.js';

describe('Retry-After', () => {
  const now = new Date('2026-09-01T00:00:00Z');
  it('is read as seconds, as a date, and not at all', () => {
    expect(retryAfterSeconds('120', now)).toBe(120);
    expect(retryAfterSeconds('Tue, 01 Sep 2026 00:01:30 GMT', now)).toBe(90);
    expect(retryAfterSeconds('Tue, 01 Sep 2020 00:01:30 GMT', now)).toBe(0);
    expect(retryAfterSeconds('soon', now)).toBeUndefined();
    expect(retryAfterSeconds(null, now)).toBeUndefined();
  });
  it('is believed up to an hour', () => {
    expect(retryAfterSeconds('864000', now)).toBe(3600);
  });
});

const asked = (pauseMs: number) => ({ kind: 'pause', reason: 'HTTP 429', pauseMs }) as const;

describe('the gate before a host', () => {
  it('lets one request through at a time, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }), async (durations) => {
        const gate = createLocalGate({ spacingMs: 0, patienceMs: 0, clock: fakeClock() });
        const order: number[] = [];
        let inside = 0;
        await Promise.all(
          durations.map(async (ms, n) => {
            const slot = await gate.acquire('host');
            expect(++inside).toBe(1);
            order.push(n);
            await delay(ms);
            inside--;
            await slot.release();
          }),
        );
        expect(order).toEqual(durations.map((_, n) => n));
      }),
      { numRuns: 20 },
    );
  });

  it('spaces requests to one host, and lets other hosts pass', async () => {
    const clock = fakeClock();
    const gate = createLocalGate({ spacingMs: 700, patienceMs: 0, clock });
    for (const host of ['a', 'b', 'a']) await (await gate.acquire(host)).release();
    expect(clock.slept).toEqual([700]);
  });

  it('waits as long as the host asked, and gives up beyond its patience', async () => {
    const clock = fakeClock();
    const gate = createLocalGate({ spacingMs: 10, patienceMs: 5000, clock });
    await (await gate.acquire('a')).release(asked(4000));
    await (await gate.acquire('a')).release(asked(60_000));
    expect(clock.slept).toEqual([4000]);
    await expect(gate.acquire('a')).rejects.toMatchObject({ code: 'held_off', retryAfterS: 60 });
    await expect(gate.acquire('b')).resolves.toBeDefined();
  });

  it('lets as many through at a time as there are connections, their starts spaced', async () => {
    const clock = fakeClock();
    const gate = createLocalGate({ spacingMs: 100, patienceMs: 0, clock, connections: 3 });
    const starts: number[] = [];
    const slots = await Promise.all(
      [1, 2, 3].map(async () => {
        const slot = await gate.acquire('a');
        starts.push(clock.now().getTime());
        return slot;
      }),
    );
    expect(starts.map((at) => at - starts[0]!)).toEqual([0, 100, 200]);
    const fourth = gate.acquire('a');
    expect(await Promise.race([fourth.then(() => 'early'), delay(5, 'waiting')])).toBe('waiting');
    await slots[1]!.release();
    await (await fourth).release();
  });

  it('refuses at once while the circuit is open, then lets exactly one try', async () => {
    const clock = fakeClock();
    const breaker = { failures: 3, openMs: 60_000 };
    const gate = createLocalGate({ spacingMs: 0, patienceMs: 0, clock, breaker, connections: 4 });
    const failed = { kind: 'failed', reason: 'HTTP 503' } as const;
    for (let n = 0; n < 3; n++) await (await gate.acquire('a')).release(failed);
    await expect(gate.acquire('a')).rejects.toMatchObject({
      code: 'circuit_open',
      retryAfterS: 60,
      message:
        'a failed 3 times in a row (last: HTTP 503) and is left alone for 60 s more; it is asked again then.',
    });
    await expect(gate.acquire('b')).resolves.toBeDefined();
    await clock.sleep(60_000);
    const trial = await gate.acquire('a');
    const others = [gate.acquire('a'), gate.acquire('a')].map((each) =>
      each.catch((error: unknown) => error),
    );
    expect(await Promise.race([...others, delay(5, 'waiting')])).toBe('waiting');
    await trial.release(failed);
    for (const other of others) expect(await other).toMatchObject({ code: 'circuit_open', retryAfterS: 120 });
    await clock.sleep(120_000);
    await (await gate.acquire('a')).release();
    await Promise.all([1, 2, 3, 4].map(() => gate.acquire('a')));
  });

  it('is left by those who are aborted while they wait, without harm to the next', async () => {
    const gate = createLocalGate({ spacingMs: 0, patienceMs: 0, clock: fakeClock() });
    const first = await gate.acquire('a');
    const abort = new AbortController();
    const second = gate.acquire('a', abort.signal);
    const third = gate.acquire('a');
    abort.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    const early = await Promise.race([third.then(() => 'early'), delay(5, 'waiting')]);
    expect(early).toBe('waiting');
    await first.release();
    await (await third).release();
  });
});

describe('retries', () => {
  const options = (clock = fakeClock()) => ({ retries: 3, initialDelayMs: 1000, maxDelayMs: 60_000, clock });
  const trouble = (retryAfterS?: number) =>
    new TransientError('x', 'x', retryAfterS === undefined ? {} : { retryAfterS });

  it('wait longer each time, with jitter, and end with the last error', async () => {
    const clock = fakeClock();
    let calls = 0;
    await expect(withRetries(() => Promise.reject(trouble(++calls && 0)), options(clock))).rejects.toThrow(
      'x',
    );
    expect(calls).toBe(4);
    expect(clock.slept).toHaveLength(3);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(60_000);
  });

  it('never come before Retry-After', async () => {
    const clock = fakeClock();
    let calls = 0;
    const work = () => (++calls === 1 ? Promise.reject(trouble(42)) : Promise.resolve('there'));
    await expect(withRetries(work, options(clock))).resolves.toBe('there');
    expect(clock.slept[0]).toBeGreaterThanOrEqual(42_000);
  });

  it('leave a host that asks for more than the longest wait to the caller', async () => {
    let calls = 0;
    const work = () => Promise.reject(trouble(++calls && 3000));
    await expect(withRetries(work, options())).rejects.toMatchObject({ retryAfterS: 3000 });
    expect(calls).toBe(1);
  });

  it('leave a host whose circuit is open to the caller, however soon it closes', async () => {
    let calls = 0;
    const work = () =>
      Promise.reject(new TransientError('circuit_open', `open ${++calls}`, { retryAfterS: 1 }));
    await expect(withRetries(work, options())).rejects.toThrow('open 1');
  });

  it('do not repeat what no repetition helps', async () => {
    let calls = 0;
    const work = () => Promise.reject(new Error(`broken ${++calls}`));
    await expect(withRetries(work, options())).rejects.toThrow('broken 1');
  });

  it('end at once when aborted in the middle of a wait', async () => {
    const abort = new AbortController();
    const clock = {
      now: () => new Date(),
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    };
    const work = () => Promise.reject(trouble());
    const result = withRetries(work, { ...options(), clock }, abort.signal);
    setTimeout(() => abort.abort(new Error('stopped')), 5);
    await expect(result).rejects.toThrow('stopped');
  });
});

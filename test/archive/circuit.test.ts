import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HEALTHY,
  LONGEST_OPEN_MS,
  afterRequest,
  circuitPhase,
  type HostState,
  type RequestOutcome,
} from '../../src/archive/politeness/circuit.js';

const failure = fc.constantFrom<RequestOutcome>(
  { kind: 'failed', reason: 'HTTP 500' },
  { kind: 'pause', reason: 'HTTP 429', pauseMs: null },
  { kind: 'pause', reason: 'HTTP 503', pauseMs: 7000 },
);
const outcome = fc.oneof(failure, fc.constantFrom<RequestOutcome>({ kind: 'ok' }, { kind: 'none' }));
const step = fc.record({ outcome, afterMs: fc.integer({ min: 0, max: 400_000 }) });
const limits = fc.record({
  failures: fc.integer({ min: 1, max: 6 }),
  openMs: fc.integer({ min: 1, max: 400_000 }),
});

/** Every state on the way of some requests, each with its time. */
function* walk(
  steps: readonly { outcome: RequestOutcome; afterMs: number }[],
  breaker: { failures: number; openMs: number },
  spacingMs = 0,
): Generator<{ before: HostState; after: HostState; now: number; outcome: RequestOutcome }> {
  let state = HEALTHY;
  let now = 1_000_000;
  for (const { outcome, afterMs } of steps) {
    now += afterMs;
    const after = afterRequest(state, outcome, now, breaker, spacingMs);
    yield { before: state, after, now, outcome };
    state = after;
  }
}

describe('the circuit of a host', () => {
  it('opens at just as many failures in a row as configured, and a success closes it', () => {
    fc.assert(
      fc.property(limits, fc.array(step), (breaker, steps) => {
        for (const { before, after, now, outcome } of walk(steps, breaker)) {
          const { nextRequestAt } = after;
          if (outcome.kind === 'none') expect(after).toEqual({ ...before, nextRequestAt });
          else if (outcome.kind === 'ok') expect(after).toEqual({ ...HEALTHY, nextRequestAt });
          else if (circuitPhase(before, now) === 'closed')
            expect(circuitPhase(after, now)).toBe(after.failures >= breaker.failures ? 'open' : 'closed');
          else expect(circuitPhase(after, now)).toBe('open');
        }
      }),
    );
  });

  it('stays open twice as long each time without a success in between, a day at most', () => {
    fc.assert(
      fc.property(limits, fc.array(failure, { minLength: 1, maxLength: 60 }), (breaker, failures) => {
        let expected = breaker.openMs;
        let state = HEALTHY;
        let now = 0;
        for (const outcome of failures) {
          const after = afterRequest(state, outcome, now, breaker, 0);
          if (after.openings > state.openings) {
            expect((after.openUntil ?? 0) - now).toBe(Math.min(expected, LONGEST_OPEN_MS));
            expected *= 2;
            now = after.openUntil ?? now;
          }
          state = after;
        }
      }),
    );
  });

  it('is not held open longer by requests that began before it opened', () => {
    const breaker = { failures: 2, openMs: 1000 };
    const failed: RequestOutcome = { kind: 'failed', reason: 'x' };
    const steps = Array.from({ length: 8 }, () => ({ outcome: failed, afterMs: 1 }));
    const states = [...walk(steps, breaker)].map(({ after }) => after);
    expect(states[1]).toMatchObject({ failures: 2, openings: 1 });
    expect(states.at(-1)).toEqual({ ...states[1], nextRequestAt: states.at(-1)?.nextRequestAt });
  });

  it('never lets a request start before the pause that was asked for, nor a pause shrink', () => {
    fc.assert(
      fc.property(limits, fc.array(step), fc.nat(5000), (breaker, steps, spacingMs) => {
        for (const { before, after, now, outcome } of walk(steps, breaker, spacingMs)) {
          const asked = outcome.kind === 'pause' ? (outcome.pauseMs ?? 10_000) : 0;
          expect(after.nextRequestAt).toBeGreaterThanOrEqual(now + Math.max(spacingMs, asked));
          expect(after.nextRequestAt).toBeGreaterThanOrEqual(before.nextRequestAt);
        }
      }),
    );
  });

  it('pauses longer after each 429 that does not say how long, an hour at most', () => {
    const throttled: RequestOutcome = { kind: 'pause', reason: 'HTTP 429', pauseMs: null };
    const breaker = { failures: 1000, openMs: 1 };
    const pauses: number[] = [];
    for (const { after, now } of walk(
      Array.from({ length: 14 }, () => ({ outcome: throttled, afterMs: 4e6 })),
      breaker,
    ))
      pauses.push((after.nextRequestAt - now) / 1000);
    expect(pauses.slice(0, 4)).toEqual([10, 20, 40, 80]);
    expect(pauses.at(-1)).toBe(3600);
  });
});

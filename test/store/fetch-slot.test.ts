import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  HEALTHY,
  afterRequest,
  circuitPhase,
  type RequestOutcome,
} from '../../src/archive/politeness/circuit.js';
import type { Database } from '../../src/store/database.js';
import { endLeases } from '../../src/store/queries/end-leases.js';
import {
  acquireFetchSlot,
  leaveFetchLine,
  releaseFetchSlot,
  renewFetchSlot,
  type SlotAnswer,
} from '../../src/store/queries/fetch-slot.js';
import { describeWithDatabase } from '../support/database.js';

const BREAKER = { breakerFailures: 3, breakerSeconds: 1000 };
const request = { host: 'pds.example', holder: 'a', leaseSeconds: 60 };

describeWithDatabase('the slots of a host', (createDatabase) => {
  it('are held by one holder at a time, and by nobody during the pause', async () => {
    const db = await createDatabase();
    const [first, second] = await Promise.all([acquireFetchSlot(db, request), acquireFetchSlot(db, request)]);
    const slot = granted(first) ?? granted(second);
    expect([first.granted, second.granted].sort()).toEqual([false, true]);
    if (slot === null) throw new Error('Nobody got the slot.');
    expect(await acquireFetchSlot(db, { ...request, host: 'other.example' })).toMatchObject({
      granted: true,
    });
    expect(await renewFetchSlot(db, slot, 60)).toBe(true);
    const release = { outcome: 'pause', error: 'HTTP 429', pauseSeconds: 30, ...BREAKER } as const;
    expect(await releaseFetchSlot(db, slot, release)).toMatchObject({ held: true, openForMs: null });
    expect(await renewFetchSlot(db, slot, 60)).toBe(false);
    const paused = await acquireFetchSlot(db, request);
    expect(paused).toMatchObject({ granted: false, reason: 'pause', failures: 1, lastError: 'HTTP 429' });
    expect(paused.granted ? 0 : paused.retryInMs).toBeGreaterThan(20_000);
  });

  it('are as many as there are connections, their starts spaced', async () => {
    const db = await createDatabase();
    const several = { ...request, connections: 3 };
    for (let n = 0; n < 3; n++) expect(granted(await acquireFetchSlot(db, several))).not.toBeNull();
    expect(await acquireFetchSlot(db, several)).toMatchObject({ granted: false, reason: 'busy' });
    const spaced = { ...several, host: 'other.example', spacingSeconds: 30 };
    expect(granted(await acquireFetchSlot(db, spaced))).not.toBeNull();
    const next = await acquireFetchSlot(db, spaced);
    expect(next).toMatchObject({ granted: false, reason: 'pause' });
    expect(next.granted ? 0 : next.retryInMs).toBeGreaterThan(20_000);
  });

  it('go from a holder that died to the next one', async () => {
    const db = await createDatabase();
    const dead = granted(await acquireFetchSlot(db, { ...request, leaseSeconds: 0 }));
    expect(granted(await acquireFetchSlot(db, request))).not.toBeNull();
    const held = dead === null ? null : await releaseFetchSlot(db, dead, { outcome: 'ok', ...BREAKER });
    expect(held).toMatchObject({ held: false });
    await endLeases(db);
    expect(granted(await acquireFetchSlot(db, request))).not.toBeNull();
  });

  it('go to who waits before one that has just had its turn', async () => {
    const db = await createDatabase();
    const mine = granted(await acquireFetchSlot(db, request));
    const other = { ...request, holder: 'b' };
    const third = { ...request, holder: 'c' };
    expect(await acquireFetchSlot(db, other)).toMatchObject({ granted: false, reason: 'busy', ahead: 0 });
    expect(await acquireFetchSlot(db, third)).toMatchObject({ granted: false, reason: 'busy', ahead: 1 });
    await releaseFetchSlot(db, mine!, { outcome: 'ok', ...BREAKER });
    expect(await acquireFetchSlot(db, request)).toMatchObject({ granted: false, reason: 'busy', ahead: 2 });
    expect(await acquireFetchSlot(db, third)).toMatchObject({ granted: false, reason: 'busy', ahead: 1 });
    await leaveFetchLine(db, request.host, 'a');
    expect(granted(await acquireFetchSlot(db, other))).not.toBeNull();
  });

  it('are one while the circuit is half-open, and none while it is open', async () => {
    const db = await createDatabase();
    const several = { ...request, connections: 4 };
    for (let n = 0; n < 3; n++) {
      const slot = granted(await acquireFetchSlot(db, several));
      await releaseFetchSlot(db, slot!, { outcome: 'failed', error: `HTTP 50${n}`, ...BREAKER });
    }
    const refused = await acquireFetchSlot(db, several);
    expect(refused).toMatchObject({ granted: false, reason: 'open', failures: 3, lastError: 'HTTP 502' });
    expect(refused.openForMs).toBeGreaterThan(990_000);
    await letPass(db, 1000);
    const trials = await Promise.all([1, 2, 3, 4].map(() => acquireFetchSlot(db, several)));
    expect(trials.filter((each) => each.granted)).toHaveLength(1);
    expect(trials.map(({ openForMs }) => openForMs)).toEqual([0, 0, 0, 0]);
    const trial = trials.map(granted).find((slot) => slot !== null);
    await releaseFetchSlot(db, trial!, { outcome: 'ok', ...BREAKER });
    for (let n = 0; n < 4; n++) expect(granted(await acquireFetchSlot(db, several))).not.toBeNull();
  });

  it('judge a host as the circuit in memory does', async () => {
    const db = await createDatabase();
    const outcome = fc.oneof(
      { weight: 3, arbitrary: fc.constant<RequestOutcome>({ kind: 'failed', reason: 'HTTP 500' }) },
      fc.constantFrom<RequestOutcome>(
        { kind: 'pause', reason: 'HTTP 429', pauseMs: null },
        { kind: 'pause', reason: 'HTTP 503', pauseMs: 77_000 },
        { kind: 'ok' },
        { kind: 'none' },
      ),
    );
    const step = fc.record({ outcome, afterS: fc.constantFrom(0, 500, 1100, 5000, 90_000) });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        const host = `host${++run}`;
        let state = HEALTHY;
        let now = 0;
        for (const { outcome, afterS } of steps) {
          now += afterS * 1000;
          await acquireFetchSlot(db, { ...request, host });
          await letPass(db, afterS, host);
          const { openForMs } = await releaseFetchSlot(
            db,
            { host, token: '00000000-0000-0000-0000-000000000000' },
            {
              outcome: outcome.kind,
              error: 'reason' in outcome ? outcome.reason : null,
              pauseSeconds:
                outcome.kind === 'pause' && outcome.pauseMs !== null ? outcome.pauseMs / 1000 : null,
              ...BREAKER,
            },
          );
          state = afterRequest(state, outcome, now, { failures: 3, openMs: 1_000_000 }, 0);
          const [row] = await db.query<{
            failures: number;
            openings: number;
            last_error: string | null;
            pause: number;
          }>(
            `SELECT failures, openings, last_error, extract(epoch FROM next_request_at - clock_timestamp())::double precision AS pause
             FROM selenoscan_data.archive_host WHERE host = $1`,
            [host],
          );
          const { failures, openings, lastError } = state;
          expect(row).toMatchObject({ failures, openings, last_error: lastError });
          const phase = openForMs === null ? 'closed' : openForMs === 0 ? 'half-open' : 'open';
          expect(phase).toBe(circuitPhase(state, now));
          if (phase === 'open')
            expect(Math.abs((openForMs ?? 0) - ((state.openUntil ?? 0) - now))).toBeLessThan(10_000);
          expect(
            Math.abs(Math.max(0, row!.pause) - Math.max(0, (state.nextRequestAt - now) / 1000)),
          ).toBeLessThan(10);
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** Lets time pass for the hosts, by moving what they wait for. */
async function letPass(db: Database, seconds: number, host: string = request.host): Promise<void> {
  await db.query(
    `UPDATE selenoscan_data.archive_host
     SET open_until = open_until - make_interval(secs => $2), next_request_at = next_request_at - make_interval(secs => $2)
     WHERE host = $1`,
    [host, seconds],
  );
}

function granted(answer: SlotAnswer) {
  return answer.granted ? answer.slot : null;
}

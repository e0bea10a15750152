import { expect, it } from 'vitest';
import { createDeploymentGate } from '../../src/pipeline/deployment-gate.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { describeWithDatabase } from '../support/database.js';

const ALONE = { holder: 'a', spacingMs: 0, patienceMs: 1000, clock: systemClock };
const FAILED = { kind: 'failed', reason: 'HTTP 503' } as const;

describeWithDatabase('the gate of a deployment', (createDatabase) => {
  it.each([
    [1, 4, 5],
    [3, 0, 20],
  ])('lets %i at a time ask a host, spaced, and everybody in turn', async (connections, spacingMs, ms) => {
    const db = await createDatabase();
    const gates = ['a', 'b', 'c', 'd'].map((holder) =>
      createDeploymentGate(db, { ...ALONE, holder, connections, spacingMs, patienceMs: 10_000 }),
    );
    let asking = 0;
    let most = 0;
    const order: number[] = [];
    const ask = async (name: number) => {
      for (let i = 0; i < 4; i++) {
        const slot = await gates[name]!.acquire('archive');
        most = Math.max(most, ++asking);
        order.push(name);
        await systemClock.sleep(ms);
        asking--;
        await slot.release();
      }
    };
    await Promise.all(gates.map((_, name) => ask(name)));
    expect(most).toBe(connections);
    // First come, first served: everybody has had a second turn before anybody has a fourth.
    const turn = (name: number, n: number) => order.flatMap((each, at) => (each === name ? [at] : []))[n]!;
    const names = gates.map((_, name) => name);
    expect(Math.max(...names.map((name) => turn(name, 1)))).toBeLessThan(
      Math.min(...names.map((name) => turn(name, 3))),
    );
  });

  it('keeps the pause between the end of a request and the next start, whoever asks', async () => {
    const db = await createDatabase();
    const gates = ['a', 'b'].map((holder) =>
      createDeploymentGate(db, { ...ALONE, holder, spacingMs: 60, patienceMs: 10_000 }),
    );
    const pauses: number[] = [];
    let ended: number | null = null;
    await Promise.all(
      gates.map(async (gate) => {
        for (let i = 0; i < 4; i++) {
          const slot = await gate.acquire('archive');
          if (ended !== null) pauses.push(performance.now() - ended);
          await systemClock.sleep(5);
          ended = performance.now();
          await slot.release();
        }
      }),
    );
    expect(pauses).toHaveLength(7);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(60);
  });

  it('refuses when the host wants to be left alone for longer than one waits', async () => {
    const db = await createDatabase();
    const gate = createDeploymentGate(db, ALONE);
    const slot = await gate.acquire('archive');
    await slot.release({ kind: 'pause', reason: 'HTTP 429', pauseMs: 600_000 });
    await expect(gate.acquire('archive')).rejects.toMatchObject({ code: 'held_off', retryAfterS: 600 });
  });

  it('opens the circuit of a host for every process, and lets one try it later', async () => {
    const db = await createDatabase();
    const seen: (Date | null)[] = [];
    const options = { ...ALONE, connections: 4, breaker: { failures: 2, openMs: 300 } };
    const observer = { circuit: (_host: string, until: Date | null) => void seen.push(until) };
    const one = createDeploymentGate(db, { ...options, observer });
    const other = createDeploymentGate(db, { ...options, holder: 'b' });
    for (const gate of [one, other]) await (await gate.acquire('archive')).release(FAILED);
    for (const gate of [one, other])
      await expect(gate.acquire('archive')).rejects.toMatchObject({
        code: 'circuit_open',
        message:
          'archive failed 2 times in a row (last: HTTP 503) and is left alone for 1 s more; it is asked again then.',
      });
    expect(seen[0]).toBeNull();
    expect(seen.at(-1)).toBeInstanceOf(Date);
    await systemClock.sleep(320);
    const trial = await one.acquire('archive');
    const waiting = other.acquire('archive').catch((error: unknown) => error);
    await systemClock.sleep(50);
    await trial.release(FAILED);
    expect(await waiting).toMatchObject({ code: 'circuit_open' });
    await systemClock.sleep(620);
    await (await other.acquire('archive')).release();
    await Promise.all([one, other, one].map((gate) => gate.acquire('archive')));
    expect(seen.at(-1)).toBeNull();
  });

  it('stops waiting when the work is called off', async () => {
    const db = await createDatabase();
    const gate = createDeploymentGate(db, ALONE);
    const slot = await gate.acquire('archive');
    const waiting = gate.acquire('archive', AbortSignal.timeout(30));
    await expect(waiting).rejects.toThrow();
    await slot.release();
  });
});

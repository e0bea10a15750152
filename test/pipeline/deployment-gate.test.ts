import { expect, it } from 'vitest';
import { createDeploymentGate } from '../../src/pipeline/deployment-gate.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { describeWithDatabase } from '../support/database.js';

const ALONE = { holder: 'a', spacingMs: 0, patienceMs: 1000, clock: systemClock };

describeWithDatabase('the gate of a deployment', (createDatabase) => {
  it('lets one process at a time ask a host, and others in turn', async () => {
    const db = await createDatabase();
    const gates = ['a', 'b', 'c'].map((holder) =>
      createDeploymentGate(db, { holder, spacingMs: 5, patienceMs: 10_000, clock: systemClock }),
    );
    let asking = 0;
    let most = 0;
    const ask = async (host: string, gate: (typeof gates)[number]) => {
      for (let i = 0; i < 4; i++) {
        const slot = await gate.acquire(host);
        most = Math.max(most, ++asking);
        await systemClock.sleep(5);
        asking--;
        await slot.release();
      }
    };
    await Promise.all(gates.map((gate) => ask('archive', gate)));
    expect(most).toBe(1);
  });

  it('refuses when the host wants to be left alone for longer than one waits', async () => {
    const db = await createDatabase();
    const gate = createDeploymentGate(db, ALONE);
    const slot = await gate.acquire('archive');
    await slot.release(600_000);
    await expect(gate.acquire('archive')).rejects.toMatchObject({ code: 'held_off' });
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

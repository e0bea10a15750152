import { expect, it } from 'vitest';
import { acquireFetchSlot, releaseFetchSlot, renewFetchSlot } from '../../src/store/queries/fetch-slot.js';
import type { SlotAnswer } from '../../src/store/queries/fetch-slot.js';
import { getSetting } from '../../src/store/queries/get-setting.js';
import { putSetting } from '../../src/store/queries/put-setting.js';
import { describeWithDatabase } from '../support/database.js';

describeWithDatabase('a database', (createDatabase) => {
  it('gives numbers, dates, JSON and bytes as what they are', async () => {
    const db = await createDatabase();
    const rows = await db.query(
      'SELECT $1::bigint AS id, $2::timestamptz AS at, $3::jsonb AS json, $4::bytea AS bytes',
      [9_007_199_254_740_991, new Date(86_400_000), JSON.stringify({ a: [1, null] }), Buffer.from([0, 255])],
    );
    expect(rows).toEqual([
      {
        id: 9_007_199_254_740_991,
        at: new Date(86_400_000),
        json: { a: [1, null] },
        bytes: Buffer.from([0, 255]),
      },
    ]);
  });

  it('rolls a transaction back when its work throws', async () => {
    const db = await createDatabase();
    const work = db.transaction(async (tx) => {
      await putSetting(tx, 'paused', true);
      throw new Error('stop');
    });
    await expect(work).rejects.toThrow('stop');
    expect(await getSetting(db, 'paused')).toBeNull();
  });

  it('commits nothing where a statement failed, though its work took no notice or did not wait', async () => {
    const db = await createDatabase();
    const careless = db.transaction(async (tx) => {
      await putSetting(tx, 'paused', true);
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(careless).rejects.toMatchObject({ code: '22012' });
    const hasty = db.transaction(async (tx) => {
      await putSetting(tx, 'paused', true);
      void tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(hasty).rejects.toMatchObject({ code: '22012' });
    expect(await getSetting(db, 'paused')).toBeNull();
  });

  it('keeps settings as JSON', async () => {
    const db = await createDatabase();
    expect(await getSetting(db, 'etag')).toBeNull();
    for (const value of [{ etag: '"a"' }, 'text', 7, false]) {
      await putSetting(db, 'etag', value);
      expect(await getSetting(db, 'etag')).toEqual(value);
    }
  });

  it('lets one holder at a time ask a host, and nobody during the pause', async () => {
    const db = await createDatabase();
    const request = { host: 'pds.example', holder: 'a', leaseSeconds: 60 };
    const [first, second] = await Promise.all([acquireFetchSlot(db, request), acquireFetchSlot(db, request)]);
    const slot = granted(first) ?? granted(second);
    expect([first.granted, second.granted].sort()).toEqual([false, true]);
    if (slot === null) throw new Error('Nobody got the slot.');
    expect(await acquireFetchSlot(db, { ...request, host: 'other.example' })).toMatchObject({
      granted: true,
    });
    expect(await renewFetchSlot(db, slot, 60)).toBe(true);
    expect(await releaseFetchSlot(db, slot, 30)).toBe(true);
    expect(await renewFetchSlot(db, slot, 60)).toBe(false);
    const paused = await acquireFetchSlot(db, request);
    expect(paused.granted ? 0 : paused.retryInMs).toBeGreaterThan(20_000);
  });

  it('gives the slot of a holder that died to the next one', async () => {
    const db = await createDatabase();
    const request = { host: 'pds.example', holder: 'a', leaseSeconds: 0 };
    const dead = granted(await acquireFetchSlot(db, request));
    expect(granted(await acquireFetchSlot(db, { ...request, leaseSeconds: 60 }))).not.toBeNull();
    expect(dead === null ? null : await releaseFetchSlot(db, dead, 0)).toBe(false);
  });
});

function granted(answer: SlotAnswer) {
  return answer.granted ? answer.slot : null;
}

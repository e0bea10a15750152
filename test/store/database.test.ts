import { expect, it } from 'vitest';
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
});

import { expect, it } from 'vitest';
import { prunableChips, pruneChips } from '../../src/store/queries/prune-chips.js';
import { tableSizes, vacuumTable } from '../../src/store/queries/vacuum.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { describeWithDatabase } from '../support/database.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

describeWithDatabase('the pictures of detections', (createDatabase) => {
  it('go when they are old, low and not reviewed, and the detections stay', async () => {
    const db = await createDatabase();
    await useModel(db);
    await announce(db, sampleProduct('M1271742200LC'));
    const detections = [1, 2, 3, 4].map((i) => sampleDetection('M1271742200L', i));
    await commitScan(db, await claim(db), sampleResult(detections));
    const all = await db.query<{ id: number }>('SELECT id FROM selenoscan_data.detection ORDER BY id');
    const [low, high, reviewed, fresh] = all.map(({ id }) => id);
    await db.query(
      `UPDATE selenoscan_data.chip SET created_at = now() - interval '400 days' WHERE detection_pk <> $1`,
      [fresh],
    );
    await db.query('UPDATE selenoscan_data.detection SET score = CASE id WHEN $1 THEN 9 ELSE 2 END', [high]);
    await db.query(`UPDATE selenoscan_data.detection SET review = 'accept' WHERE id = $1`, [reviewed]);

    const retention = { days: 365, score: 5 };
    expect(await prunableChips(db, retention)).toEqual({ chips: 1, bytes: expect.any(Number) as number });
    expect(await pruneChips(db, retention, 10)).toBe(1);
    expect(await pruneChips(db, retention, 10)).toBe(0);
    const left = await db.query<{ detection_pk: number }>(
      'SELECT detection_pk FROM selenoscan_data.chip ORDER BY 1',
    );
    expect(left.map((row) => row.detection_pk)).toEqual([high, reviewed, fresh]);
    expect(await db.query('SELECT id FROM selenoscan_data.detection WHERE id = $1', [low])).toHaveLength(1);
  });
});

describeWithDatabase('every table', (createDatabase) => {
  it('is vacuumed and analysed, and says how large it is', async () => {
    const db = await createDatabase();
    const sizes = await tableSizes(db);
    expect(sizes.map(({ table }) => table)).toEqual(
      expect.arrayContaining(['scan', 'detection', 'chip', 'site']),
    );
    await vacuumTable(db, 'detection');
    await expect(vacuumTable(db, 'detection; DROP TABLE chip')).rejects.toThrow('no table');
  });
});

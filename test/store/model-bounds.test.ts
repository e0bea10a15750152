import { expect, it } from 'vitest';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { newestBounds, widenBounds } from '../../src/store/queries/model-bounds.js';
import { describeWithDatabase } from '../support/database.js';
import { MODEL, announce, claim, sampleProduct, sampleResult, useModel } from './samples.js';

describeWithDatabase('bounds of int8 scores', (createDatabase) => {
  it('are those of the model folder until they are widened, and never become narrower', async () => {
    const db = await createDatabase();
    await useModel(db);
    expect(await newestBounds(db, MODEL)).toEqual({ version: 0, widening: {} });
    expect(await widenBounds(db, MODEL, { l2: 1.5 })).toEqual({ version: 1, widening: { l2: 1.5 } });
    expect(await widenBounds(db, MODEL, { l2: 1.2, lander: 2 })).toEqual({
      version: 2,
      widening: { l2: 1.5, lander: 2 },
    });
    expect((await widenBounds(db, MODEL, { l2: 1.4 })).version).toBe(2);
    expect(await newestBounds(db, MODEL)).toEqual({ version: 2, widening: { l2: 1.5, lander: 2 } });
    await expect(widenBounds(db, 'other@0', { l2: 2 })).rejects.toThrow('other@0 is not registered');
  });

  it('get a version each, also when two scans widen them at once', async () => {
    const db = await createDatabase();
    await useModel(db);
    const parts = ['l2', 'bright', 'lander', 'small'];
    await Promise.all(parts.map((part, i) => widenBounds(db, MODEL, { [part]: 2 + i })));
    expect(await newestBounds(db, MODEL)).toEqual({
      version: 4,
      widening: { l2: 2, bright: 3, lander: 4, small: 5 },
    });
  });

  it('and the mode of a scan are told in its row, with what its draw says of misses', async () => {
    const db = await createDatabase();
    await useModel(db);
    await announce(db, sampleProduct('M1271742202LC'));
    const { screening } = sampleResult([]);
    expect((await commitScan(db, await claim(db), sampleResult([]))).outcome).toBe('committed');
    const rows = await db.query(
      `SELECT mode, sampled_tiles AS sampled, rescored_tiles AS rescored, approximate_tiles AS approximate,
         checked_tiles AS checked, beyond_tiles AS beyond, bounds_version AS "boundsVersion", miss_estimate
       FROM selenoscan_data.scan`,
    );
    expect(rows).toEqual([{ ...screening, miss_estimate: 1 / 40 }]);
  });
});

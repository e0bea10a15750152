import { expect, it } from 'vitest';
import { pauseLanes, readPauses, resumeLanes } from '../../src/store/queries/pauses.js';
import { describeWithDatabase } from '../support/database.js';

describeWithDatabase('pausing', (createDatabase) => {
  it('holds for the deployment, lane by lane, until somebody resumes', async () => {
    const db = await createDatabase();
    expect(await readPauses(db)).toEqual({});
    await pauseLanes(db, ['live', 'backfill'], 'the archive asked us to');
    await pauseLanes(db, ['backfill'], 'for a move');
    expect(await readPauses(db)).toEqual({
      live: { since: expect.any(Date) as Date, reason: 'the archive asked us to' },
      backfill: { since: expect.any(Date) as Date, reason: 'for a move' },
    });
    expect(await resumeLanes(db, ['live'])).toEqual(['live']);
    expect(await resumeLanes(db, ['live'])).toEqual([]);
    expect(Object.keys(await readPauses(db))).toEqual(['backfill']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readIndexState,
  takeAhead,
  takeTurn,
  withReleased,
  withVolume,
  type IndexState,
} from '../../src/archive/index/index-state.js';
import { nextVolume } from '../../src/archive/index/volume-calendar.js';

const validators = { 'http://a/INDEX.LBL': { etag: '"1"', lastModified: null } };
const first = withReleased(
  readIndexState(null),
  'LROLRC_1067A',
  { labelMd5: 'a', whole: true, validators },
  [],
);

/** Volumes asked in so many polls. */
function turns(state: IndexState, polls: number): (string | null)[] {
  const asked: (string | null)[] = [];
  for (let poll = 0; poll < polls; poll++) {
    const turn = takeTurn(state);
    asked.push(turn.volumeId);
    state = turn.state;
  }
  return asked;
}

describe('what a poller remembers of volumes', () => {
  it('comes back through JSON', () => {
    expect(readIndexState(JSON.parse(JSON.stringify(first)))).toEqual(first);
  });

  it('is taken over from the shape of a single volume', () => {
    expect(readIndexState({ newestVolume: 'LROLRC_1067A', labelMd5: 'a', validators })).toEqual(first);
  });

  it.each([null, undefined, 7, 'x', {}, { newestVolume: 3 }])('is nothing where %j is stored', (stored) => {
    expect(readIndexState(stored)).toMatchObject({ newestVolume: null, volumes: {} });
  });

  it('gives the newest volume every other turn, and each of the others in between', () => {
    let state = first;
    for (const volumeId of ['LROLRC_1001', 'LROLRC_1036A', 'LROLRC_1035'])
      state = withVolume(state, { volumeId, labelMd5: volumeId, validators: {}, whole: false });
    const newest = 'LROLRC_1067A';
    expect(turns(state, 8)).toEqual([
      newest,
      'LROLRC_1001',
      newest,
      'LROLRC_1035',
      newest,
      'LROLRC_1036A',
      newest,
      'LROLRC_1001',
    ]);
    expect(turns(first, 3)).toEqual([newest, newest, newest]);
  });

  it('asks every volume within twice as many polls as there are, however volumes join', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1001, max: 1035 }), { maxLength: 30 }), (numbers) => {
        let state = first;
        for (const number of numbers)
          state = withVolume(state, {
            volumeId: `LROLRC_${number}`,
            labelMd5: 'x',
            validators: {},
            whole: true,
          });
        expect(new Set(turns(state, 2 * numbers.length + 1)).size).toBe(numbers.length + 1);
      }),
    );
  });

  it('keeps the MD5 of a volume of which only a part was announced anew', () => {
    const part = { volumeId: 'LROLRC_1010', labelMd5: 'one', validators: {}, whole: false };
    const state = withVolume(first, part);
    expect(state.volumes['LROLRC_1010']).toEqual({ labelMd5: 'one', validators: {}, whole: false });
    expect(withVolume(state, { ...part, labelMd5: 'two' })).toEqual(state);
    expect(withVolume(state, { ...part, labelMd5: 'two', whole: true }).volumes['LROLRC_1010']).toMatchObject(
      {
        labelMd5: 'two',
        whole: true,
      },
    );
    expect(withVolume(first, { ...part, volumeId: 'LROLRC_1067A' })).toEqual(first);
  });

  it('still begins at the newest volume where a backfill came before the first poll', () => {
    const state = withVolume(null, { volumeId: 'LROLRC_1010', labelMd5: 'x', validators: {}, whole: false });
    expect(state.newestVolume).toBeNull();
  });

  it('stays bounded, and forgets the oldest', () => {
    let state = first;
    let volumeId = 'LROLRC_1067A';
    for (let n = 0; n < 400; n++) {
      volumeId = nextVolume(volumeId, 'cdr');
      state = withReleased(state, volumeId, { labelMd5: 'x', whole: true, validators }, []);
    }
    expect(Object.keys(state.volumes)).toHaveLength(200);
    expect(Object.keys(state.volumes).at(-1)).toBe(volumeId);
    expect(state.newestVolume).toBe(volumeId);
    expect(JSON.stringify(state).length).toBeLessThan(50_000);
  });

  it('remembers the volumes that a newer one passed over, until they are there', () => {
    const passedOver = ['LROLRC_1067B', 'LROLRC_1067C'];
    const known = { labelMd5: 'x', whole: true, validators: {} };
    const state = withReleased(first, 'LROLRC_1068A', known, passedOver);
    expect(state.newestVolume).toBe('LROLRC_1068A');
    expect(turns(state, 6)).toEqual(expect.arrayContaining(passedOver));
    const late = withReleased(state, 'LROLRC_1067B', known, []);
    expect(late.newestVolume).toBe('LROLRC_1068A');
    expect(late.volumes['LROLRC_1067B']).toEqual(known);
  });

  it('goes through the volumes beyond an overdue one, around', () => {
    const ahead = ['LROLRC_1067C', 'LROLRC_1068A'];
    let state = first;
    const asked = Array.from({ length: 3 }, () => {
      const next = takeAhead(state, ahead);
      state = next.state;
      return next.volumeId;
    });
    expect(asked).toEqual(['LROLRC_1067C', 'LROLRC_1068A', 'LROLRC_1067C']);
    expect(takeAhead(first, []).volumeId).toBeNull();
  });
});

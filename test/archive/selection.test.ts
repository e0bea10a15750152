import { describe, expect, it } from 'vitest';
import { boxParameters, windowsOfSelection } from '../../src/archive/ode/ode-selection.js';
import { volumesOfSelection } from '../../src/archive/index/volumes-of-selection.js';
import type { Selection } from '../../src/domain/selection.js';

const EVERYTHING: Selection = {
  from: null,
  until: null,
  volumes: [],
  box: null,
  minIncidenceDeg: null,
  maxIncidenceDeg: null,
  maxResolutionM: null,
};
const span = (from: string | null, until: string | null): Selection => ({
  ...EVERYTHING,
  from: from === null ? null : new Date(from),
  until: until === null ? null : new Date(until),
});

describe('the volumes of a selection', () => {
  const volumes = (selection: Selection) => volumesOfSelection(selection, 'LROLRC_1067A', 'cdr');

  it('are those of its time', () => {
    expect(volumes(span('2018-01-20', '2018-02-20'))).toEqual(['LROLRC_1034']);
    expect(volumes(span('2018-05-01', '2018-08-01'))).toEqual([
      'LROLRC_1035',
      'LROLRC_1036A',
      'LROLRC_1036B',
    ]);
  });

  it('are both where its time lies near the day on which volumes are cut', () => {
    expect(volumes(span('2019-06-15', '2019-06-15T12:00Z'))).toEqual(['LROLRC_1039C', 'LROLRC_1040A']);
  });

  it('go up to the newest one that is there, and back to the first', () => {
    expect(volumes(span('2026-03-20', null))).toEqual(['LROLRC_1067A']);
    expect(volumes(span('2026-03-20', '2030-01-01'))).toEqual(['LROLRC_1067A']);
    expect(volumes(span('2030-01-01', null))).toEqual([]);
    const all = volumes(EVERYTHING);
    expect(all[0]).toBe('LROLRC_1001');
    expect(all.at(-1)).toBe('LROLRC_1067A');
    expect(all).toHaveLength(35 + 31 * 3 + 1);
  });

  it('are those that are named', () => {
    expect(volumes({ ...EVERYTHING, volumes: ['LROLRC_1012'] })).toEqual(['LROLRC_1012']);
  });
});

describe("ODE's months of a selection", () => {
  const windows = (selection: Selection) =>
    windowsOfSelection(selection, '2026-04-14', 'cdr').map(({ from, to }) => `${from}..${to}`);

  it('are cut to its days, and follow one another', () => {
    expect(windows(span('2018-01-20', '2018-03-02'))).toEqual([
      '2018-01-20..2018-02-15',
      '2018-02-16..2018-03-01',
    ]);
    expect(windows(span('2018-01-20', '2018-01-21'))).toEqual(['2018-01-20..2018-01-20']);
    expect(windows(span('2026-04-01', null))).toEqual(['2026-04-01..2026-04-14']);
    expect(windows(span('2027-01-01', null))).toEqual([]);
  });

  it('are those of its volumes, with a day more on either side', () => {
    expect(windows({ ...EVERYTHING, volumes: ['LROLRC_1036A'] })).toEqual([
      '2018-06-15..2018-06-15',
      '2018-06-16..2018-07-15',
      '2018-07-16..2018-07-17',
    ]);
    const both = windows({ ...EVERYTHING, volumes: ['LROLRC_1036A', 'LROLRC_1036B'] });
    expect(new Set(both).size).toBe(both.length);
  });

  it('are asked for in a box of longitudes from 0 to 360', () => {
    expect(boxParameters(null)).toEqual({});
    expect(boxParameters({ west: -30, south: -10, east: 20, north: 5 })).toEqual({
      minlat: '-10',
      maxlat: '5',
      westernlon: '330',
      easternlon: '20',
      loc: 'f',
    });
    expect(boxParameters({ west: -180, south: -10, east: 180, north: 5 })).toMatchObject({
      westernlon: '0',
      easternlon: '360',
    });
  });
});

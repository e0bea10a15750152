import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextVolume, previousVolume, volumeOf } from '../../src/archive/index/volume-calendar.js';

describe('the volume calendar', () => {
  it.each([
    ['2009-07-15', 'LROLRC_1001'],
    ['2010-03-28', 'LROLRC_1003'],
    ['2012-07-08', 'LROLRC_1012'],
    ['2013-12-21', 'LROLRC_1018'],
    ['2015-01-07', 'LROLRC_1022'],
    ['2018-01-28', 'LROLRC_1034'],
    ['2018-06-15', 'LROLRC_1035'],
    ['2018-06-16', 'LROLRC_1036A'],
    ['2018-07-20', 'LROLRC_1036B'],
    ['2018-12-20', 'LROLRC_1038A'],
    ['2019-06-15', 'LROLRC_1039C'],
    ['2019-09-05', 'LROLRC_1040C'],
    ['2020-02-01', 'LROLRC_1042B'],
    ['2021-12-24', 'LROLRC_1050A'],
    ['2025-07-18', 'LROLRC_1064B'],
    ['2026-04-14', 'LROLRC_1067A'],
  ])('puts an image of %s into CDR volume %s', (day, volume) => {
    expect(volumeOf(new Date(`${day}T12:00:00Z`), 'cdr')).toBe(volume);
  });

  it('numbers EDR volumes 1000 below the CDR ones', () => {
    expect(volumeOf(new Date('2019-09-17T00:00:00Z'), 'edr')).toBe('LROLRC_0041A');
    expect(volumeOf(new Date('2009-07-15T00:00:00Z'), 'edr')).toBe('LROLRC_0001');
    expect(nextVolume('LROLRC_0035', 'edr')).toBe('LROLRC_0036A');
  });

  it('starts to letter its volumes at 36', () => {
    expect(nextVolume('LROLRC_1034', 'cdr')).toBe('LROLRC_1035');
    expect(nextVolume('LROLRC_1035', 'cdr')).toBe('LROLRC_1036A');
    expect(nextVolume('LROLRC_1036A', 'cdr')).toBe('LROLRC_1036B');
    expect(nextVolume('LROLRC_1036C', 'cdr')).toBe('LROLRC_1037A');
    expect(previousVolume('LROLRC_1036A', 'cdr')).toBe('LROLRC_1035');
    expect(previousVolume('LROLRC_1001', 'cdr')).toBeNull();
  });

  it('goes back where it came from', () => {
    const days = fc.integer({ min: Date.UTC(2009, 11, 16), max: Date.UTC(2060, 0, 1) });
    fc.assert(
      fc.property(days, fc.constantFrom('cdr' as const, 'edr' as const), (time, dataSet) => {
        const volume = volumeOf(new Date(time), dataSet);
        expect(previousVolume(nextVolume(volume, dataSet), dataSet)).toBe(volume);
      }),
    );
  });

  it('reaches the next volume within three months, never two of them within a month', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2018, 5, 16), max: Date.UTC(2060, 0, 1) }), (time) => {
        const day = new Date(time);
        const monthLater = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 16));
        const from = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 16));
        expect(volumeOf(monthLater, 'cdr')).toBe(nextVolume(volumeOf(from, 'cdr'), 'cdr'));
      }),
    );
  });

  it('refuses names that the calendar does not have', () => {
    for (const name of ['LROLRC_1036', 'LROLRC_1035A', 'LROLRC_0036A', 'LROLRC_2001', 'LROLRC_1040D', '']) {
      expect(() => nextVolume(name, 'cdr'), name).toThrow(RangeError);
    }
  });
});

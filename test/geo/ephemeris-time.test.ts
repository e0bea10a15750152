import { expect, it } from 'vitest';
import { utcOf } from '../../src/geo/ephemeris-time.js';

it.each([
  // The first is of a real camera model and its label; the others are days since J2000, TAI - UTC of the day and 32.184 s.
  ['2009-07-30T12:20:38.185Z', 302_228_504.369],
  ['2012-06-30T23:59:59.000Z', 394_372_865.184],
  ['2012-07-01T00:00:01.000Z', 394_372_868.184],
  ['2015-07-01T00:00:01.000Z', 488_980_869.184],
  ['2017-01-01T00:00:01.000Z', 536_500_870.184],
  ['2026-04-15T00:00:00.000Z', 829_483_269.184],
])('%s is found with the leap seconds of its day', (utc, et) => {
  expect(Math.abs(utcOf(et).getTime() - new Date(utc).getTime())).toBeLessThanOrEqual(2);
});

it('runs forward across a leap second', () => {
  let before = -Infinity;
  for (let et = 536_500_860; et < 536_500_880; et += 0.25) {
    const now = utcOf(et).getTime();
    expect(now).toBeGreaterThanOrEqual(before - 1000);
    before = now;
  }
});

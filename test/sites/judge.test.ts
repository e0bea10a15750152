import { describe, expect, it } from 'vitest';
import { judge, type Sight } from '../../src/sites/judge.js';
import { alike, sunsApartDeg } from '../../src/sites/light.js';
import { SITE_OPTIONS } from '../../src/sites/site-options.js';

const EMPTY = 1.5;
let scanId = 0;
/** A look in a month, under the usual light unless told; a score of null saw nothing. */
function sight(month: number, score: number | null, changes: Partial<Sight> = {}): Sight {
  scanId++;
  return {
    scanId,
    look: `M${scanId}`,
    observedAt: new Date(Date.UTC(2012, month, 1)),
    sun: { incidenceDeg: 45, azimuthDeg: 90 },
    score,
    highest: score ?? EMPTY,
    ...changes,
  };
}
const verdict = (...sights: Sight[]) => judge(sights, SITE_OPTIONS);

describe('what looks say of a place', () => {
  it('is new after one sighting and persistent after two', () => {
    expect(verdict(sight(1, 6))).toMatchObject({ evidence: 'new', looks: 1, sightings: 1, change: null });
    expect(verdict(sight(1, 6), sight(2, 5))).toMatchObject({ evidence: 'persistent', sightings: 2 });
  });

  it('counts NAC-L and NAC-R of one number as one look', () => {
    const pair = { look: 'M100' };
    expect(verdict(sight(1, 6, pair), sight(1, 5, pair))).toMatchObject({
      evidence: 'new',
      sightings: 1,
      looks: 1,
    });
    expect(verdict(sight(1, 6, pair), sight(1, null, pair))).toMatchObject({ emptyLooks: 0, looks: 1 });
  });

  it('is transient where looks under like light do not show it afterwards', () => {
    expect(verdict(sight(1, 6), sight(2, null)).evidence).toBe('transient');
    expect(verdict(sight(1, 6), sight(2, 6), sight(3, null)).evidence).toBe('persistent');
    expect(verdict(sight(1, 6), sight(2, 6), ...[3, 4, 5].map((month) => sight(month, null))).evidence).toBe(
      'transient',
    );
    const other = { sun: { incidenceDeg: 45, azimuthDeg: 270 } };
    expect(verdict(sight(1, 6), sight(2, null, other)).evidence).toBe('new');
  });

  it('is a change where an earlier look under like light scored clearly below', () => {
    const change = verdict(sight(1, null), sight(2, null), sight(3, 6.5)).change;
    expect(change?.after).toEqual(new Date(Date.UTC(2012, 2, 1)));
    expect(change?.before).toEqual(new Date(Date.UTC(2012, 3, 1)));
  });

  it('is no change where the earlier look scored nearly as high: the budget may have cut it', () => {
    expect(verdict(sight(1, null, { highest: 5 }), sight(2, 6.5))).toMatchObject({
      change: null,
      emptyLooks: 0,
    });
    expect(verdict(sight(1, null, { highest: Infinity }), sight(2, 6.5)).change).toBeNull();
  });

  it('is no change where light explains it: another Sun, a lower one, or too low a one', () => {
    const suns = [
      { incidenceDeg: 45, azimuthDeg: 150 },
      { incidenceDeg: 28, azimuthDeg: 90 },
      { incidenceDeg: 35, azimuthDeg: 90 },
      { incidenceDeg: 61, azimuthDeg: 90 },
      { incidenceDeg: null, azimuthDeg: 90 },
    ];
    for (const sun of suns) expect(verdict(sight(1, null, { sun }), sight(2, 6.5)).change).toBeNull();
    const longer = { sun: { incidenceDeg: 55, azimuthDeg: 100 } };
    expect(verdict(sight(1, null, longer), sight(2, 6.5)).change).not.toBeNull();
  });

  it('is no change for one low score alone, nor where it is gone again', () => {
    expect(verdict(sight(1, null), sight(2, 5)).change).toBeNull();
    expect(verdict(sight(1, null), sight(2, 5), sight(3, 5)).change).not.toBeNull();
    expect(verdict(sight(1, null), sight(2, 6.5), sight(3, null)).change).toBeNull();
  });
});

describe('light', () => {
  it('is alike across north, and never where it is unknown', () => {
    const a = { incidenceDeg: 40, azimuthDeg: 350 };
    expect(alike(a, { incidenceDeg: 50, azimuthDeg: 2 }, SITE_OPTIONS.likeLight)).toBe(true);
    expect(alike(a, { incidenceDeg: 50, azimuthDeg: 30 }, SITE_OPTIONS.likeLight)).toBe(false);
    expect(alike(a, { incidenceDeg: 40, azimuthDeg: null }, SITE_OPTIONS.likeLight)).toBe(false);
  });

  it('of a Sun in the zenith has no azimuth to speak of', () => {
    const up = { incidenceDeg: 0, azimuthDeg: 0 };
    expect(sunsApartDeg(up, { incidenceDeg: 30, azimuthDeg: 200 })).toBeCloseTo(30);
  });
});

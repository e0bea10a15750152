import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_MARKS, UNCONFIRMED } from '../../src/domain/tile.js';
import {
  SCORE_NAMES,
  normaliseImage,
  scoresNamed,
  scoreTiles,
  type PooledStatistics,
} from '../../src/scoring/normalise.js';
import { factorNeeded, widened, type PartBounds } from '../../src/scoring/screen/part-bounds.js';
import { rawBounds } from '../../src/scoring/screen/raw-bounds.js';
import { fillSample, planSample, sampleRow } from '../../src/scoring/screen/sample-plan.js';
import { emptyParts } from '../../src/scoring/strip-job.js';
import { gridOf } from '../detection/support.js';
import { seeded } from './support.js';

const TERRAIN: PooledStatistics = {
  mad: 0.05,
  logA: { median: 0, mad: 0.3 },
  logBright: { median: -3, mad: 0.4 },
  lander: { median: -6, mad: 1 },
  small: { median: -5, mad: 1 },
  tracks: { median: -4, mad: 1 },
};

describe('the sample of an image', () => {
  it('is all of a small image', () => {
    expect(planSample(gridOf(64 * 63, 64 * 63, 64))).toBeNull();
    expect(planSample(gridOf(64 * 64, 64 * 63, 64))).not.toBeNull();
  });

  it('lies evenly over the grid, and never on a masked tile', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 3000 }),
        fc.integer({ min: 64, max: 3000 }),
        fc.integer({ min: 1, max: 400 }),
        fc.nat(),
        fc.constantFrom(0, 0.3, 0.99),
        (width, height, wanted, seed, maskedShare) => {
          const plan = planSample(gridOf(width, height, 32), wanted);
          if (plan === null) return;
          const random = seeded(seed);
          const { rows, columns } = plan;
          const isScored = Array.from({ length: rows * columns }, () => random() >= maskedShare);
          const sampled = new Set<number>();
          const byRow: number[] = [];
          for (let row = 0; row < rows; row++) {
            const chosen = sampleRow(plan, row, (column) => isScored[row * columns + column]!);
            byRow.push(chosen.length);
            for (const column of chosen) sampled.add(row * columns + column);
          }
          expect([...sampled].every((tile) => isScored[tile])).toBe(true);
          if (maskedShare === 0) {
            expect(sampled.size).toBe(wanted);
            expect(Math.max(...byRow) - Math.min(...byRow)).toBeLessThanOrEqual(1);
          }
          const more = fillSample(
            plan,
            (tile) => isScored[tile]!,
            (tile) => sampled.has(tile),
          );
          expect(more.every((tile) => isScored[tile] && !sampled.has(tile))).toBe(true);
          expect(new Set(more).size).toBe(more.length);
          const scored = isScored.filter(Boolean).length;
          expect(sampled.size + more.length).toBe(Math.min(Math.max(wanted, sampled.size), scored));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('alone gives an image its statistics', () => {
    const random = seeded(4);
    const parts = emptyParts(400);
    for (let tile = 0; tile < parts.count; tile++) {
      parts.tri[tile] = 0.01 + random();
      parts.mad[tile] = 0.05;
      parts.brightPeak[tile] = 0.01 + random() / 10;
      parts.marks[tile] = tile % 2 === 0 ? TILE_MARKS.sampled : TILE_MARKS.vaeScreened;
    }
    const o = { thresholdSigma: 3, sampled: true };
    const { statistics, terrain } = normaliseImage(parts, null, o);
    for (let tile = 1; tile < parts.count; tile += 2) parts.brightPeak[tile] = 0.5;
    const again = normaliseImage(parts, null, o);
    expect(again.statistics).toEqual(statistics);
    expect(again.terrain).toEqual(terrain);
    expect(statistics?.count).toBe(200);
    expect(normaliseImage(parts, null, { ...o, sampled: false }).statistics).not.toEqual(statistics);
  });
});

describe('bounds of a score', () => {
  it('hold it wherever its parts lie within theirs, for every score', () => {
    const share = 0.1;
    const bounds: PartBounds = (_, value) => ({
      lo: value - share * Math.abs(value) - 0.05,
      hi: value + share * Math.abs(value) + 0.05,
    });
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...SCORE_NAMES), (seed, score) => {
        const random = seeded(seed);
        const truth = emptyParts(40);
        const screened = emptyParts(40);
        const within = (value: number): number => {
          const { lo, hi } = bounds('l2', value);
          return lo + random() * (hi - lo);
        };
        for (let tile = 0; tile < truth.count; tile++) {
          const mark = [0, TILE_MARKS.vaeScreened | TILE_MARKS.netScreened, TILE_MARKS.vaeUnseen][tile % 3]!;
          screened.marks[tile] = mark;
          for (const parts of [truth, screened]) {
            parts.tri[tile] = 0.001 + 0.1 * random();
            parts.mad[tile] = 0.05;
          }
          truth.tri[tile] = screened.tri[tile]!;
          const isScreened = (mark & TILE_MARKS.vaeScreened) !== 0;
          for (const part of ['l2', 'muNorm', 'bright', 'brightPeak'] as const) {
            screened[part][tile] = (part === 'bright' || part === 'brightPeak' ? 0.9 : 5) * random();
            truth[part][tile] = isScreened
              ? Math.max(within(screened[part][tile]!), 0)
              : screened[part][tile]!;
          }
          if (mark === TILE_MARKS.vaeUnseen) {
            truth.brightPeak[tile] = screened.brightPeak[tile]! * random();
            screened.l2[tile] = screened.muNorm[tile] = screened.bright[tile] = NaN;
          }
          for (const part of ['lander', 'small'] as const) {
            const logit = 64 * random() - 32;
            screened[part][tile] = Math.round(1000 * logit);
            const real = isScreened ? within(logit) : logit;
            truth[part][tile] = Math.round(1000 * Math.min(Math.max(real, -32), 32));
          }
          const tracks = 30 * random() - 15;
          screened.tracks[tile] = Math.round(8 * tracks);
          truth.tracks[tile] = Math.round(
            8 * Math.min(Math.max(isScreened ? within(tracks) : tracks, -15), 15),
          );
        }
        const raw = scoresNamed(scoreTiles(truth, TERRAIN), score);
        const { lo, hi, mayMove } = rawBounds(screened, TERRAIN, score, bounds);
        for (let tile = 0; tile < truth.count; tile++) {
          const open = (screened.marks[tile]! & UNCONFIRMED) !== 0;
          expect(lo[tile]).toBeLessThanOrEqual(raw[tile]!);
          expect(hi[tile]).toBeGreaterThanOrEqual(raw[tile]!);
          if (!open) expect([lo[tile], hi[tile], mayMove[tile]]).toEqual([raw[tile], raw[tile], 0]);
          if (open && truth.lander[tile]! > 0) expect(mayMove[tile]).toBe(1);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('hold what broke them once they are widened by the factor it needed', () => {
    const bounds: PartBounds = (_, value) => ({ lo: value - 0.5, hi: value + 0.25 });
    for (const truth of [1, 0.2, 2.9]) {
      const factor = factorNeeded(bounds('l2', 1), 1, truth);
      const { lo, hi } = widened(bounds, { l2: Math.max(factor, 1) * 1.0001 })('l2', 1);
      expect(lo).toBeLessThanOrEqual(truth);
      expect(hi).toBeGreaterThanOrEqual(truth);
      expect(widened(bounds, { bright: 9 })('l2', 1)).toEqual(bounds('l2', 1));
    }
  });
});

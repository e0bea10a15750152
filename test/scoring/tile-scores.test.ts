import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_LOGIT, NO_TRACKS, type TileParts } from '../../src/domain/tile.js';
import {
  rawScores,
  scoreTiles,
  type PooledStatistics,
  type ScoreArrays,
} from '../../src/scoring/normalise.js';
import { pickParts } from '../../src/scoring/pick-parts.js';
import { emptyParts } from '../../src/scoring/strip-job.js';
import { plainScores } from './reference/scores-plain.js';
import { seeded } from './support.js';

const spread = fc.record({
  median: fc.double({ min: -8, max: 2, noNaN: true }),
  mad: fc.double({ min: 0, max: 2, noNaN: true }),
});
const terrains: fc.Arbitrary<PooledStatistics> = fc.record({
  mad: fc.double({ min: 0, max: 0.2, noNaN: true }),
  logA: spread,
  logBright: spread,
  lander: spread,
  small: spread,
  tracks: spread,
});

/** Parts of all sizes that occur, some at their floors, of masked tiles and without a word of the learned scorer. */
function anyParts(count: number, seed: number): TileParts {
  const random = seeded(seed);
  const parts = emptyParts(count);
  for (let i = 0; i < count; i++) {
    const isMasked = random() < 0.1;
    parts.tri[i] = isMasked ? NaN : Math.max(1e-4, 1e-5 * Math.exp(12 * random()));
    parts.mad[i] = isMasked ? NaN : random() < 0.1 ? 0 : 0.2 * random();
    parts.brightPeak[i] = isMasked ? NaN : random() < 0.2 ? 1e-4 : 2e-5 * Math.exp(10 * random());
    parts.bright[i] = isMasked ? NaN : random();
    parts.l2[i] = isMasked ? NaN : 64 * random();
    parts.muNorm[i] = isMasked ? NaN : 30 * random();
    parts.lander[i] = isMasked || random() < 0.1 ? NO_LOGIT : Math.round(64_000 * (random() - 0.5));
    parts.small[i] = isMasked || random() < 0.1 ? NO_LOGIT : Math.round(64_000 * (random() - 0.5));
    parts.tracks[i] = isMasked || random() < 0.3 ? NO_TRACKS : Math.round(240 * (random() - 0.5));
  }
  return parts;
}

function bits(scores: ScoreArrays): Record<string, Uint32Array> {
  return Object.fromEntries(
    Object.entries(scores).map(([name, values]) => [name, new Uint32Array(values.slice().buffer)]),
  );
}

describe('scores of tiles', () => {
  it('are to the bit those of the definitions, step by step over all tiles', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(), terrains, fc.boolean(), (count, seed, terrain, isLearned) => {
        const parts = anyParts(count, seed);
        const against = isLearned ? terrain : { ...terrain, lander: undefined };
        expect(bits(scoreTiles(parts, against))).toEqual(bits(plainScores(parts, against)));
      }),
      { numRuns: 40 },
    );
  });

  it('are the same for some tiles, and for all in pieces', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 8191, 8193, 20_000), fc.nat(), terrains, (count, seed, terrain) => {
        const parts = anyParts(count, seed);
        const all = scoreTiles(parts, terrain);
        expect(rawScores(parts, terrain)).toEqual(all.c);
        expect(rawScores(parts, terrain, 'b')).toEqual(all.b);
        const tiles = [count - 1, 0, count >> 1];
        const some = Object.entries(scoreTiles(pickParts(parts, tiles), terrain));
        for (const [name, values] of some)
          expect(values).toEqual(Float32Array.from(tiles, (tile) => all[name as keyof ScoreArrays]![tile]!));
      }),
      { numRuns: 8 },
    );
  });

  it('are refused where they are a learned scorer’s that the model does not have', () => {
    const terrain = { mad: 0.1, logA: { median: 0, mad: 1 }, logBright: { median: 0, mad: 1 } };
    expect(() => rawScores(anyParts(3, 1), terrain, 'lander')).toThrow(RangeError);
    expect(rawScores(anyParts(3, 1), terrain)).toEqual(scoreTiles(anyParts(3, 1), terrain).b);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_STATES, type TileParts } from '../../src/domain/tile.js';
import { LABEL_FREE_NAMES, LEARNED_NAMES, normaliseImage } from '../../src/scoring/normalise.js';
import { emptyParts } from '../../src/scoring/strip-job.js';
import { seeded } from './support.js';

/** Parts of `count` tiles of one sort of ground; `gain` stretches its contrast. */
function parts(count: number, seed: number, gain = 1): TileParts {
  const random = seeded(seed);
  const out = emptyParts(count);
  for (let i = 0; i < count; i++) {
    out.tri[i] = gain * 0.02 * Math.exp(random() + random());
    out.mad[i] = gain * 0.05 * (1 + random());
    out.bright[i] = 0.3;
    out.brightPeak[i] = 0.1 * Math.exp(random() + random());
    out.l2[i] = 1 + random();
    out.muNorm[i] = random();
  }
  return out;
}

function mask(parts: TileParts, i: number): void {
  parts.state[i] = TILE_STATES.indexOf('null');
  for (const values of [parts.l2, parts.muNorm, parts.bright, parts.brightPeak, parts.tri, parts.mad])
    values[i] = NaN;
}

describe('scores of an image', () => {
  it('have their median tile at zero and rise with response and residual', () => {
    const tiles = parts(500, 1);
    tiles.tri[7] = 1.5;
    tiles.brightPeak[7] = 0.9;
    const { named, raw, statistics } = normaliseImage(tiles, null, { thresholdSigma: 5 });
    const sorted = Float32Array.from(named.z_a).sort();
    expect(sorted[250]).toBeCloseTo(0, 1);
    expect(raw).toBe(named.b);
    expect(raw[7]).toBe(Math.max(...raw));
    expect(raw[7]).toBeCloseTo((named.z_a[7]! + named.z_bright[7]!) / 2, 5);
    expect(statistics!.count).toBe(500);
    expect(statistics!.max).toBe(raw[7]);
    expect(statistics!.threshold).toBeCloseTo(statistics!.median + 5 * 1.4826 * statistics!.mad, 9);
  });

  it('are the same when the contrast of the whole image is stretched', () => {
    const a = normaliseImage(parts(300, 2), null).named.a;
    const b = normaliseImage(parts(300, 2, 3), null).named.a;
    a.forEach((value, i) => expect(b[i]! / value).toBeCloseTo(1, 5));
  });

  it('are NaN for masked tiles, which move no other score', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(299), { maxLength: 150 }), (masked) => {
        const tiles = parts(300, 3);
        masked.forEach((i) => mask(tiles, i));
        const { named, statistics } = normaliseImage(tiles, null);
        for (const name of LABEL_FREE_NAMES) {
          expect(
            Array.from(named[name], (v, i) => Number.isNaN(v) === masked.includes(i)).every(Boolean),
          ).toBe(true);
        }
        expect(statistics!.count).toBe(300 - masked.length);
      }),
      { numRuns: 20 },
    );
  });

  it('rest on the learned scorer too where there is one', () => {
    const tiles = parts(400, 7);
    const random = seeded(8);
    for (let i = 0; i < 400; i++) {
      tiles.lander[i] = -4000 + 2000 * random();
      tiles.small[i] = -3000 + 2000 * random();
      tiles.tracks[i] = -30 + 10 * random();
    }
    tiles.lander[11] = 3000;
    const { named, raw } = normaliseImage(tiles, null);
    expect(raw).toBe(named.c);
    for (const name of LEARNED_NAMES) expect(named[name]).toHaveLength(400);
    expect(named.lander![11]).toBeCloseTo(3, 5);
    expect(named.z_lander![11]).toBe(Math.max(...named.z_lander!));
    expect(raw[11]).toBeCloseTo((4 * named.z_lander![11]! + 2 * named.z_a[11]! + named.z_bright[11]!) / 7, 5);
    expect(normaliseImage(parts(400, 7), null).named.c).toBeUndefined();
  });

  it('stay within the clip on ground without any texture', () => {
    const flat = emptyParts(200);
    flat.tri.fill(1e-4);
    flat.tri[5] = 0.9;
    const { raw } = normaliseImage(flat, null);
    expect(raw.every((value) => value >= -3 && value <= 12)).toBe(true);
    expect(raw[5]).toBeGreaterThan(raw[6]!);
  });

  it('of fewer than 100 tiles are measured against pooled statistics', () => {
    const pooled = normaliseImage(parts(2000, 4), null).terrain;
    const few = normaliseImage(parts(99, 5), pooled);
    expect(few.terrain).toBe(pooled);
    expect(normaliseImage(parts(100, 5), pooled).terrain).not.toBe(pooled);
    expect(normaliseImage(parts(20, 5), null).statistics!.count).toBe(20);
  });

  it('have no statistics when every tile is masked', () => {
    const tiles = parts(3, 6);
    [0, 1, 2].forEach((i) => mask(tiles, i));
    expect(normaliseImage(tiles, null).statistics).toBeNull();
  });
});

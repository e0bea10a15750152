import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { latentMap } from '../../src/evaluation/latent-map.js';
import { latentUnits } from '../../src/evaluation/latent-units.js';
import {
  distanceBetween,
  farthestPair,
  sampleCodes,
  stepsBetween,
  traverseUnit,
  walkBetween,
} from '../../src/evaluation/latent-walk.js';

const code = fc.float32Array({ minLength: 4, maxLength: 4, min: -5, max: 5, noNaN: true });

describe('a walk through latent space', () => {
  it('begins and ends at its two codes and goes on in equal steps along a straight line', () => {
    fc.assert(
      fc.property(code, code, fc.integer({ min: 2, max: 30 }), (from, to, count) => {
        const walk = walkBetween(from, to, count);
        const at = (i: number): Float32Array => walk.subarray(4 * i, 4 * (i + 1));
        expect(distanceBetween(at(0), from)).toBe(0);
        expect(distanceBetween(at(count - 1), to)).toBeLessThan(1e-5);
        const step = distanceBetween(from, to) / (count - 1);
        for (let i = 1; i < count; i++) {
          expect(distanceBetween(at(i - 1), at(i))).toBeCloseTo(step, 4);
          expect(distanceBetween(from, at(i))).toBeCloseTo(i * step, 4);
        }
      }),
    );
  });

  it('measures how far each picture is from the next', () => {
    const pictures = Float32Array.of(0, 0, 0, 0, 0.3, 0.4, 0, 0, 0.3, 0.4, 0, 0);
    expect(stepsBetween(pictures, 3)).toEqual([expect.closeTo(0.25, 6), 0]);
  });

  it('sets one unit and leaves the others', () => {
    expect(Array.from(traverseUnit(Float32Array.of(1, 2, 3), 1, [-3, 0]))).toEqual([1, -3, 3, 1, 0, 3]);
  });

  it('finds the two codes that are farthest apart', () => {
    expect(farthestPair(Float32Array.of(0, 0, 5, 5, -1, 0, 4, 0), 4)).toEqual([1, 2]);
  });

  it('draws codes with the mean and the spread that the encoder gives', () => {
    const count = 20_000;
    const drawn = sampleCodes(
      new Float32Array(count).fill(2),
      new Float32Array(count).fill(Math.log(0.25)),
      createRandom(3),
    );
    const mean = drawn.reduce((sum, value) => sum + value, 0) / count;
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    expect(mean).toBeCloseTo(2, 1);
    expect(variance).toBeCloseTo(0.25, 2);
  });
});

describe('units of the latent code', () => {
  it('takes the divergence of each from the standard normal, largest first, and finds the unused one', () => {
    // Unit 0 is the prior itself; unit 1 has the means -1 and 1 and the variance e^-2.
    const mu = Float32Array.of(0, -1, 0, 1);
    const logvar = Float32Array.of(0, -2, 0, -2);
    const [first, second] = latentUnits(mu, logvar, 2);
    expect(first).toMatchObject({ unit: 1, inUse: true, muVariance: 1 });
    expect(first!.divergence).toBeCloseTo((1 + Math.exp(-2) + 2 - 1) / 2, 6);
    expect(second).toEqual({ unit: 0, divergence: 0, muVariance: 0, inUse: false });
  });
});

describe('the map of latent space', () => {
  /** Two clouds of 30 codes each, far apart. */
  function clouds(): Float32Array {
    const random = createRandom(5);
    return Float32Array.from({ length: 60 * 8 }, (_, i) => (i < 30 * 8 ? 0 : 20) + random.normal());
  }

  it('keeps neighbours together and is the same for the same seed', async () => {
    const rounds: number[] = [];
    const map = await latentMap(clouds(), 60, {
      seed: 2,
      onRound: (done, total) => rounds.push(done / total),
    });
    expect(map).toHaveLength(60);
    expect(rounds.at(-1)).toBe(1);
    for (const [i, [u, v]] of map.entries()) {
      const others = map
        .map(([a, b], j) => ({ j, apart: Math.hypot(a - u, b - v) }))
        .filter(({ j }) => j !== i);
      const nearest = others.sort((a, b) => a.apart - b.apart)[0]!.j;
      expect(nearest < 30).toBe(i < 30);
    }
    expect(await latentMap(clouds(), 60, { seed: 2 })).toEqual(map);
    expect(await latentMap(clouds(), 60, { seed: 3 })).not.toEqual(map);
  });

  it('stops when it is asked to', async () => {
    const stop = new AbortController();
    const onRound = (done: number): void => {
      if (done >= 20) stop.abort(new Error('enough'));
    };
    await expect(latentMap(clouds(), 60, { seed: 2, onRound, signal: stop.signal })).rejects.toThrow(
      'enough',
    );
  });
});

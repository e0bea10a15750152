import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { chooseVolumes } from '../../src/archive/index/choose-volumes.js';
import { parseBinnings, stratumOf } from '../../src/archive/choose/strata.js';
import { CandidatePool, sharesOf, StratifiedDraw } from '../../src/archive/choose/stratified-draw.js';
import type { Product } from '../../src/domain/product.js';
import { product } from './support.js';

const image = (n: number, frame: 'L' | 'R' = 'L'): Product =>
  product({ productId: `M${100_000_000 + n}${frame}C`, imageId: `M${100_000_000 + n}${frame}` });

/** Strata of the given sizes, filled in the given order. */
function poolOf(sizes: readonly number[], seed: number, backwards = false) {
  const pool = new CandidatePool(seed, 1000);
  const rows = sizes.flatMap((size, s) => Array.from({ length: size }, (_, n) => ({ s, n: 1000 * s + n })));
  for (const { s, n } of backwards ? rows.reverse() : rows) pool.add(`stratum ${s}`, image(n));
  return pool.strata();
}

describe('the draw', () => {
  const sizes = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 });

  it('spreads images as evenly as the strata allow, and takes all that was asked for while there are any', () => {
    fc.assert(
      fc.property(sizes, fc.nat({ max: 40 }), fc.nat(), (counts, images, seed) => {
        const strata = poolOf(counts, seed);
        const shares = sharesOf(strata, images);
        const available = strata.map((stratum) => stratum.available);
        const total = available.reduce((sum, n) => sum + n, 0);
        expect(shares.reduce((sum, n) => sum + n, 0)).toBe(Math.min(images, total));
        const most = Math.max(0, ...shares);
        shares.forEach((share, i) => expect(share >= Math.min(available[i]!, most - 1)).toBe(true));
      }),
    );
  });

  it('depends on the rows and the seed, not on the order of the rows', () => {
    const ids = (seed: number, backwards: boolean) =>
      poolOf([9, 3, 30], seed, backwards).map(({ name, candidates }) => [
        name,
        candidates.map(({ productId }) => productId),
      ]);
    expect(ids(5, true)).toEqual(ids(5, false));
    expect(ids(6, false)).not.toEqual(ids(5, false));
  });

  it('passes over what fails, and gives the share of a stratum that runs out to the others', () => {
    const draw = new StratifiedDraw(poolOf([3, 8], 1));
    const taken: string[] = [];
    for (let next = draw.next(); next !== null && taken.length < 6; next = draw.next()) {
      if (next.stratum === 'stratum 0' && taken.includes('stratum 0')) continue;
      draw.took(next.product, next.stratum);
      taken.push(next.stratum);
    }
    expect(taken.filter((name) => name === 'stratum 0')).toHaveLength(1);
    expect(taken.filter((name) => name === 'stratum 1')).toHaveLength(5);
  });

  it('takes one frame of a look, and the newest row of a product', () => {
    const pool = new CandidatePool(1, 10);
    pool.add('all', image(1, 'L'));
    pool.add('all', image(1, 'R'));
    pool.add('all', { ...image(1, 'R'), version: 'v2.0' });
    const [stratum] = pool.strata();
    expect(stratum).toMatchObject({ available: 2 });
    expect(stratum!.candidates.map(({ version }) => version).sort()).toEqual(['v1.9', 'v2.0']);
    expect(sharesOf(pool.strata(), 5)).toEqual([1]);
  });

  it('keeps no more candidates than asked for, the first ones of all', () => {
    const all = poolOf([40], 3)[0]!.candidates;
    const pool = new CandidatePool(3, 7);
    for (let n = 39; n >= 0; n--) pool.add('stratum 0', image(n));
    expect(pool.strata()[0]).toMatchObject({ available: 40, candidates: all.slice(0, 7) });
  });
});

describe('strata', () => {
  const binnings = parseBinnings('latitude,resolution', ['latitude=-90,0,90']);

  test.each([
    [-90, 0.5, 'latitude=-90..0 resolution=0..0.6'],
    [0, 0.6, 'latitude=0..90 resolution=0.6..0.8'],
    [90, 0.799, 'latitude=0..90 resolution=0.6..0.8'],
    [10, 100, 'latitude=0..90 resolution=2..100'],
    [10, 101, null],
  ])('latitude %d and %d m/px lie in %s', (lat, resolutionM, name) => {
    expect(stratumOf(product({ center: { lat, lon: 0 }, resolutionM }), binnings)).toBe(name);
  });

  test.each([
    ['latitude,colour', [], /--by colour: images are drawn by latitude, incidence, resolution/],
    ['latitude', ['incidence=0,90'], /--bins incidence has no effect: --by latitude leaves it out/],
    ['incidence', ['incidence=0,90,45'], /two or more ascending edges, such as incidence=0,45,80/],
    ['incidence', ['incidence=45'], /two or more ascending edges/],
  ])('refuses --by %s with %j in one sentence', (by, bins, sentence) => {
    expect(() => parseBinnings(by, bins)).toThrow(sentence);
  });
});

describe('volumes', () => {
  test('are named, spread over the mission, or a range', () => {
    expect(chooseVolumes(['lrolrc_1005'], 'LROLRC_1067A', 'cdr')).toEqual(['LROLRC_1005']);
    expect(chooseVolumes(['1'], 'LROLRC_1067A', 'cdr')).toEqual(['LROLRC_1067A']);
    expect(chooseVolumes(['LROLRC_1034..LROLRC_1036B'], 'LROLRC_1067A', 'cdr')).toEqual([
      'LROLRC_1034',
      'LROLRC_1035',
      'LROLRC_1036A',
      'LROLRC_1036B',
    ]);
    const spread = chooseVolumes(['3'], 'LROLRC_1067A', 'cdr');
    expect([spread[0], spread.length, spread[2]]).toEqual(['LROLRC_1067A', 3, 'LROLRC_1001']);
    expect(chooseVolumes(['999'], 'LROLRC_1037A', 'cdr')).toHaveLength(39);
  });

  test.each(['LROLRC_0005', '1005', 'LROLRC_1036', 'LROLRC_1036B..LROLRC_1034', 'A..B..C'])(
    '%s is refused with what to give instead',
    (text) => {
      expect(() => chooseVolumes([text], 'LROLRC_1067A', 'cdr')).toThrow(
        / names no volume: give volumes of LRO-L-LROC-3-CDR-V1\.0 such as LROLRC_1067A/,
      );
    },
  );
});

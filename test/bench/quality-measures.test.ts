import { describe, expect, it } from 'vitest';
import { IsolationForest } from '../../bench/quality/baselines/isolation-forest.js';
import { nearestDistance } from '../../bench/quality/baselines/nearest.js';
import { PatchMemory } from '../../bench/quality/baselines/patch-memory.js';
import { pixelStatistics } from '../../bench/quality/baselines/pixels.js';
import { PositionGaussians } from '../../bench/quality/baselines/position-gaussians.js';
import { PrincipalComponents } from '../../bench/quality/baselines/principal-components.js';
import { metricsOfDraws, planDraws, type BenchImage, type BenchObject } from '../../bench/quality/draws.js';
import { FRAME_TILES, foundOf, outranks } from '../../bench/quality/found.js';
import { foldOf, FOLDS, trainingCrops } from '../../bench/quality/folds.js';
import { CROPS } from '../../bench/quality/crops.js';
import { apDifference, kindStratum, measureStratum } from '../../bench/quality/measure.js';
import { createRandom } from '../../src/domain/random.js';

const random = createRandom(12);
const uniform = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.uniform());

/** Images with plain tiles and objects of two tiles each, scored at random and well. */
function dataSet(images: number, plainTiles: number, objectsEach: number) {
  const plain: BenchImage[] = Array.from({ length: images }, (_, i) => ({
    name: `image ${i}`,
    plain: new Map([
      ['random', uniform(plainTiles).sort()],
      ['good', uniform(plainTiles).sort()],
    ]),
  }));
  const objects: BenchObject[] = Array.from({ length: images * objectsEach }, (_, i) => ({
    image: i % images,
    kind: i % 3 === 0 ? 'rover' : 'lander',
    sizePx: 5,
    tiles: new Map([
      ['random', uniform(2)],
      ['good', uniform(2).map((value) => 0.99 + value)],
    ]),
  }));
  return { images: plain, objects };
}

describe('draws of the benchmark', () => {
  const data = dataSet(7, 1000, 12);
  const options = { imageDraws: 60, objectDraws: 20, seed: 3 };

  it('hold ten or eleven positive tiles of objects that stand on the drawn images', () => {
    const stratum = kindStratum('lander', data, ['lander']);
    for (const { images, objects } of planDraws(stratum, data.images, data.objects, options))
      for (const set of objects) {
        expect(set).toHaveLength(5);
        for (const object of set) {
          expect(images).toContain(data.objects[object]!.image);
          expect(data.objects[object]!.kind).toBe('lander');
        }
      }
  });

  it('find random scores near the base rate and an EoMV near 1, and good ones above them', () => {
    const measured = measureStratum(
      kindStratum('all', data, ['lander', 'rover']),
      data,
      ['random', 'good'],
      options,
    );
    const [chance, good] = [measured.get('random')!, measured.get('good')!];
    expect(chance.ap.value).toBeLessThan(0.006);
    expect(chance.eomv.value).toBeLessThan(1.5);
    expect(good.ap.value).toBeGreaterThan(0.5);
    expect(apDifference(good, chance).low).toBeGreaterThan(0);
  });

  it('measure all scores on the same draws', () => {
    const stratum = kindStratum('all', data, ['lander']);
    const plans = planDraws(stratum, data.images, data.objects, options);
    expect(planDraws(stratum, data.images, data.objects, options)).toEqual(plans);
    const ap = (name: string): Float64Array => metricsOfDraws(name, plans, data.images, data.objects).ap;
    expect(ap('good')).toEqual(ap('good'));
  });
});

describe('what is found', () => {
  it('counts alarms at the score that half and nine tenths of the objects reach', () => {
    const images = [{ name: 'a', plain: new Map([['s', Float64Array.from({ length: 1000 }, (_, i) => i)]]) }];
    const objects = Array.from({ length: 10 }, (_, i) => ({
      image: 0,
      kind: 'lander',
      sizePx: 4,
      tiles: new Map([['s', Float64Array.of(0, 999.5 - 10 * i)]]),
    }));
    const { top, alarmsPerMillion } = foundOf('s', images, objects);
    expect(top).toEqual([0.1, 0.2, 0.6]);
    expect(alarmsPerMillion).toEqual([40_000, 80_000]);
  });

  it('is told of as many tiles as a scan lays over a whole frame', () => {
    // From sample 64 on, 154 columns end at sample 5024; 1631 rows end at line 52,224.
    expect(FRAME_TILES).toBe(251_174);
  });

  it('is likelier above a boulder the higher it stands, and half for equals', () => {
    const at = (score: number): BenchObject => ({
      image: 0,
      kind: 'x',
      sizePx: 1,
      tiles: new Map([['s', Float64Array.of(score)]]),
    });
    expect(outranks('s', [at(2)], [at(1), at(3)])).toBe(0.5);
    expect(outranks('s', [at(2)], [at(2)])).toBe(0.5);
    expect(outranks('s', [at(-1), at(0)], [at(-1), at(-2)])).toBe(0.875);
  });
});

describe('folds', () => {
  it('leave every crop but the boulder field out once, and never train on what they score', () => {
    const names = CROPS.map(({ file }) => file.split('_')[0]!).filter((name) => name !== 'M143947267L');
    expect(FOLDS.flat().sort()).toEqual(names.sort());
    for (const name of names) expect(trainingCrops(foldOf(name))).not.toContain(name);
  });
});

describe('baselines', () => {
  it('see a bright pixel in a flat tile', () => {
    const tile = new Float32Array(4096).fill(0.4);
    tile[2000] = 0.9;
    const { std, max, range, dog } = pixelStatistics(tile);
    expect(std).toBeCloseTo(0.5 / 64, 5);
    expect(max).toBeCloseTo(0.9, 6);
    expect(range).toBeCloseTo(0.5, 6);
    expect(dog).toBeCloseTo(0.5 * (1 / (2 * Math.PI * 0.64) - 1 / (2 * Math.PI * 16)), 1);
  });

  it('reconstruct what lies in the span of the components and nothing else', () => {
    const base = Array.from({ length: 5 }, () => Float32Array.from({ length: 300 }, () => random.normal()));
    const mix = (): Float32Array => {
      const weights = base.map(() => random.normal());
      return Float32Array.from({ length: 300 }, (_, p) =>
        base.reduce((sum, row, i) => sum + weights[i]! * row[p]!, 0),
      );
    };
    const components = new PrincipalComponents(Array.from({ length: 90 }, mix));
    expect(components.error(mix())).toBeLessThan(0.05);
    const other = Float32Array.from({ length: 300 }, () => random.normal());
    expect(components.error(other)).toBeGreaterThan(8);
  });

  it('tell an outlier from its like: forest, neighbours, Gaussians and patches', () => {
    const rows = Array.from({ length: 400 }, () => Float32Array.from({ length: 64 }, () => random.normal()));
    const like = Float32Array.from({ length: 64 }, () => random.normal());
    const far = like.map((value, i) => value + (i % 8 === 0 ? 9 : 0));
    const forest = new IsolationForest(rows, createRandom(1));
    expect(forest.score(far)).toBeGreaterThan(forest.score(like));
    expect(nearestDistance(rows, far, 5)).toBeGreaterThan(nearestDistance(rows, like, 5));
    const gaussians = new PositionGaussians(rows, 8);
    expect(gaussians.score(far)).toBeGreaterThan(2 * gaussians.score(like));
    const memory = new PatchMemory(rows, 8, createRandom(1));
    expect(memory.score(far)).toBeGreaterThan(2 * memory.score(like));
  });

  it('give the Mahalanobis distance', () => {
    const rows = Array.from({ length: 20_000 }, () => {
      const a = random.normal();
      return Float32Array.of(3 * a, 3 * a + random.normal());
    });
    // Along the long axis of the covariance [[9, 9], [9, 10]]: 3^2 / 9.
    expect(new PositionGaussians(rows, 2).score(Float32Array.of(3, 3))).toBeCloseTo(1, 1);
  });

  it('are the mean distance to the nearest', () => {
    const rows = [0, 1, 5, 9].map((x) => Float32Array.of(x));
    expect(nearestDistance(rows, Float32Array.of(2), 2)).toBeCloseTo(1.5, 12);
  });
});

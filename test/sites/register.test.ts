import { beforeAll, describe, expect, it } from 'vitest';
import { renderPlace, type RenderedPlace } from '../../bench/sites/rendered-place.js';
import { localProjection } from '../../src/geo/local-projection.js';
import { adjust, type ImageLink } from '../../src/sites/adjust.js';
import { cornerWeights, imageMap } from '../../src/sites/image-map.js';
import { register } from '../../src/sites/register.js';

const CENTRE = { lon: -179.98, lat: 62 };
const SUNS = [
  { lon: 175, lat: 0 },
  { lon: 178, lat: 1 },
  { lon: -165, lat: -1 },
  { lon: 110, lat: 0 },
];

let place: RenderedPlace;
beforeAll(() => {
  place = renderPlace({
    seed: 21,
    centre: CENTRE,
    terrain: 'rugged',
    images: SUNS.length,
    samples: 2400,
    lines: 3000,
    awayM: { across: 300, along: 300 },
    suns: SUNS,
  });
}, 60_000);

/** What tie points are off by, median, against what is really there. */
function trueErrorM(a: number, b: number, apart: number): number {
  const [first, second] = [place.images[a]!, place.images[b]!];
  const { ties, accepted } = register(first.overview, second.overview, apart);
  expect(accepted).toBe(true);
  const errors = ties.map((tie) => {
    const [p, q] = [first.truePlane(tie.a), second.truePlane(tie.b)];
    return Math.hypot(p.x - q.x, p.y - q.y);
  });
  return errors.sort((p, q) => p - q)[errors.length >> 1]!;
}

describe('registration of two images', () => {
  it('finds the ground of one in the other to a small part of what their corners are off, across 180 degrees', () => {
    expect(trueErrorM(0, 1, 3)).toBeLessThan(15);
    expect(trueErrorM(1, 2, 15)).toBeLessThan(25);
  });

  it('gives the opposite where the images change places', () => {
    const [a, b] = [place.images[0]!.overview, place.images[1]!.overview];
    const [there, back] = [register(a, b, 3), register(b, a, 3)];
    expect(
      Math.hypot(there.offsetEastM + back.offsetEastM, there.offsetNorthM + back.offsetNorthM),
    ).toBeLessThan(15);
  });

  it('does not match images of other ground, nor one without data', () => {
    const other = renderPlace({
      seed: 22,
      centre: CENTRE,
      terrain: 'rugged',
      images: 1,
      samples: 2400,
      lines: 3000,
      awayM: { across: 300, along: 300 },
      suns: [SUNS[0]!],
    }).images[0]!;
    const found = register(place.images[0]!.overview, other.overview, 0);
    expect(found).toMatchObject({ accepted: false });
    expect(found.overlapKm2).toBeGreaterThan(1);
    const { overview } = place.images[1]!;
    const blank = { ...overview, grey: new Uint8Array(overview.grey!.length) };
    expect(register(place.images[0]!.overview, blank, 0).accepted).toBe(false);
    expect(register(place.images[0]!.overview, { ...overview, grey: null }, 0).accepted).toBe(false);
  }, 30_000);

  it('brings the images together in one adjustment, whose order does not matter, within what it states', () => {
    const projection = localProjection(CENTRE);
    const images = place.images.slice(0, 3).map(({ imageId, overview }) => ({ ...overview, imageId }));
    const links: ImageLink[] = [
      [0, 1, 3],
      [1, 2, 15],
      [0, 2, 13],
    ].map(([a, b, apart]) => ({
      ...register(images[a!]!, images[b!]!, apart!),
      a: images[a!]!.imageId,
      b: images[b!]!.imageId,
    }));
    const fit = adjust(images, links, projection);
    const turned = adjust([...images].reverse(), [...links].reverse(), projection);
    for (const { x, y } of [
      { x: 0, y: 0 },
      { x: 500, y: -700 },
      { x: -600, y: 800 },
    ]) {
      const spots = [0, 2].map((i) => {
        const image = place.images[i]!;
        const point = image.pixelOf({ x, y });
        const at = imageMap(image.overview, projection).at(point);
        const by = fit.correction(image.imageId, point);
        const again = turned.correction(image.imageId, point);
        expect([again.x, again.y]).toEqual([by.x, by.y]);
        return { point, before: at, x: at.x + by.x, y: at.y + by.y };
      });
      const [p, q] = [spots[0]!, spots[1]!];
      const sigma = fit.sigmaM([
        { imageId: images[0]!.imageId, point: p.point, weight: 1 },
        { imageId: images[2]!.imageId, point: q.point, weight: -1 },
      ]);
      expect(Math.hypot(p.x - q.x, p.y - q.y)).toBeLessThan(30);
      expect(Math.hypot(p.x - q.x, p.y - q.y)).toBeLessThan(
        4 * Math.hypot(sigma, fit.residualM(images[0]!.imageId)),
      );
      expect(sigma).toBeLessThan(30);
    }
    const alone = adjust(images, [], projection);
    expect(alone.group.size).toBe(0);
    expect(alone.correction(images[0]!.imageId, { sample: 100, line: 100 })).toEqual({ x: 0, y: 0 });
  }, 30_000);
});

describe('the map of an image', () => {
  it('gives back the pixel of a place, beyond the edges too', () => {
    const { overview } = place.images[0]!;
    const map = imageMap(overview, localProjection(CENTRE));
    for (const point of [
      { sample: 0.5, line: 0.5 },
      { sample: 1234.5, line: 2222 },
      { sample: -50, line: 3100 },
    ]) {
      const back = map.pixelAt(map.at(point));
      expect(Math.hypot(back.sample - point.sample, back.line - point.line)).toBeLessThan(0.01);
    }
    expect(cornerWeights(overview, { sample: 0.5, line: 0.5 })).toEqual([1, 0, 0, 0]);
  });
});

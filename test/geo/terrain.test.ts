import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOON_RADIUS_M, type LonLat } from '../../src/domain/geometry.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { openDem, type Dem } from '../../src/geo/dem.js';
import { createIsdModel } from '../../src/geo/isd-model.js';
import { cornersOnTerrain, isdOnTerrain } from '../../src/geo/on-terrain.js';
import { DEGREE, toVector } from '../../src/geo/sphere.js';
import { distanceToTerrain, shiftPerMetre } from '../../src/geo/terrain-intersection.js';
import type { Terrain } from '../../src/geo/terrain.js';
import { degreesDem, writeDem, type DemFile } from './dem-support.js';
import { passIsd, passPlace, passSize, type Pass } from './isd-support.js';
import { distanceM } from './support.js';

const pass: Pass = {
  center: { lon: 0, lat: 0 },
  headingDeg: 0,
  mirrored: false,
  lines: 4096,
  alongM: 1.5,
  altitudeM: 120_000,
  summing: 1,
  subSolar: { lon: 50, lat: 1 },
};
const image = passSize(pass);

async function demOf(file: DemFile, sigmaM = 10): Promise<Dem> {
  return openDem(writeDem(file), { sigmaM, scale: 1 });
}

async function onDem(given: Pass, file: DemFile, sigmaM?: number) {
  const dem = await demOf(file, sigmaM);
  try {
    return await isdOnTerrain(createIsdModel(passIsd(given), passSize(given)), passSize(given), dem);
  } finally {
    await dem.close();
  }
}

/** Angle off the axis of a sample, radians, by the optics of the pass: focal length 699.62 mm, 7 um, distortion. */
function offAxis(sample: number): number {
  const y = (sample - 2532) * 0.007;
  return Math.atan(y / (1 + 1.81e-5 * y * y) / 699.62);
}

/** Angle at the Moon's centre between the nadir and the ground at a height, by the law of sines. */
function angleAtCentre(alpha: number, heightM: number): number {
  return Math.asin(((MOON_RADIUS_M + pass.altitudeM) / (MOON_RADIUS_M + heightM)) * Math.sin(alpha)) - alpha;
}

describe('the camera on terrain', () => {
  const small = [-0.5, -0.5, 0.5, 0.5] as const;

  it.each([-9000, -2500, 1, 4000, 10_700])(
    'shifts level ground at %i m by the law of sines',
    async (height) => {
      const model = await onDem(
        pass,
        degreesDem(small, 0.005, () => height),
      );
      expect(model.kind).toBe('isd+dem');
      for (const sample of [0, 800, 2532, 4000.5, 5064]) {
        const place = model.locate({ sample, line: 2048 });
        // Flying north, samples run to the west where the image is not mirrored.
        const psi = angleAtCentre(offAxis(sample), height);
        expect(Math.abs(place.lon) * DEGREE * MOON_RADIUS_M).toBeCloseTo(Math.abs(psi) * MOON_RADIUS_M, 1);
        expect(place.lat).toBeCloseTo(passPlace(pass, { sample, line: 2048 }).lat, 6);
      }
    },
  );

  it('meets a cone where the line of sight does, within a metre', async () => {
    // Apex on the left edge of the field: 6 km high, falling 1:2 all around.
    const apex = { lon: 0.06, lat: 0 };
    const cone = (lon: number, lat: number) => 6000 - 0.5 * distanceM(apex, { lon, lat });
    const model = await onDem(pass, degreesDem([-0.3, -0.3, 0.3, 0.3], 0.0005, cone));
    for (const sample of [100, 700, 1500, 2532, 3500, 5000]) {
      const alpha = offAxis(sample);
      const radiusAt = (psi: number) =>
        ((MOON_RADIUS_M + pass.altitudeM) * Math.sin(alpha)) / Math.sin(alpha + psi);
      const side = Math.sign(passPlace(pass, { sample, line: 2048 }).lon);
      // Above the cone as long as the ray's radius is the larger one; bisection over the angle at the centre.
      let [low, high] = [angleAtCentre(alpha, 7000), angleAtCentre(alpha, -9000)];
      for (let i = 0; i < 100; i++) {
        const psi = (low + high) / 2;
        const ground = MOON_RADIUS_M + cone((side * Math.abs(psi)) / DEGREE, 0);
        if (radiusAt(psi) > ground) low = psi;
        else high = psi;
      }
      const expected = { lon: (side * Math.abs((low + high) / 2)) / DEGREE, lat: 0 };
      expect(distanceM(model.locate({ sample, line: 2048 }), expected)).toBeLessThan(1);
    }
  });

  it('gives a batch what it gives one by one, on terrain and off it', async () => {
    const half = degreesDem(small, 0.005, (lon) => (lon > 0.01 ? -32768 : 3000 * Math.sin(lon * 200)));
    const model = await onDem(pass, { ...half, noData: '-32768' });
    const pixels = Float64Array.from({ length: 400 }, (_, i) => ((i * 7919) % 4096) + 0.5);
    const places = model.places(pixels);
    const bare = createIsdModel(passIsd(pass), image);
    let off = 0;
    for (let i = 0; i < 400; i += 2) {
      const point = { sample: pixels[i] ?? NaN, line: pixels[i + 1] ?? NaN };
      const place = model.locate(point);
      expect(places[i]).toBeCloseTo(place.lon, 12);
      expect(places[i + 1]).toBeCloseTo(place.lat, 12);
      if (distanceM(place, bare.locate(point)) === 0) off++;
    }
    expect(off).toBeGreaterThan(10);
    expect(off).toBeLessThan(190);
  });

  it('takes the sphere, with the uncertainty of any height, where there is no data', async () => {
    const bare = createIsdModel(passIsd(pass), image);
    const hole = { ...degreesDem(small, 0.005, (lon) => (lon > 0 ? -9999 : 2000)), noData: '-9999' };
    const model = await onDem(pass, hole);
    const [left, right] = [0.5, 5063.5].map((sample) => ({ sample, line: 2048 }));
    const known = [left!, right!].find((point) => bare.locate(point).lon < 0)!;
    const unknown = known === left ? right! : left!;
    expect(model.locate(unknown)).toEqual(bare.locate(unknown));
    expect(model.locate(known).uncertaintyM).toBeLessThan(21);
    expect(bare.locate(known).uncertaintyM).toBeGreaterThan(100);
  });

  it('is the camera alone where the DEM is elsewhere', async () => {
    const model = await onDem(
      pass,
      degreesDem([20, 20, 21, 21], 0.01, () => 3000),
    );
    expect(model.kind).toBe('isd');
  });

  it('is the same over poles and the antimeridian', async () => {
    const global = (west: number) => degreesDem([west, -90, west + 360, 90], 0.5, () => 4000);
    const level = degreesDem(small, 0.005, () => 4000);
    const expected = (await onDem(pass, level)).locate({ sample: 5064, line: 4096 });
    const way = distanceM(expected, pass.center);
    for (const center of [
      { lon: 180, lat: 0 },
      { lon: 33, lat: 90 },
      { lon: 0, lat: -90 },
      { lon: -179.99, lat: 60 },
    ])
      for (const west of [-180, 0]) {
        const model = await onDem({ ...pass, center }, global(west));
        expect(distanceM(model.locate({ sample: 5064, line: 4096 }), center)).toBeCloseTo(way, 1);
        expect(model.kind).toBe('isd+dem');
      }
  }, 60_000);

  it('measures pixels by the distance to the ground: 10 km up they are a twelfth smaller', async () => {
    const model = await onDem(
      pass,
      degreesDem(small, 0.005, () => 10_000),
    );
    const { acrossM } = model.pixelSize({ sample: 2532, line: 2048 });
    expect(acrossM).toBeCloseTo((110_000 * 0.007) / 699.62, 3);
    const sun = model.towardsSun({ sample: 2532, line: 2048 });
    const bare = createIsdModel(passIsd(pass), image).towardsSun({ sample: 2532, line: 2048 });
    expect(sun.x * bare.x + sun.y * bare.y).toBeGreaterThan(0.9999);
  });
});

/** Terrain of a formula, at any place. */
function terrainOf(height: (place: LonLat) => number, more: Partial<Terrain> = {}): Terrain {
  return {
    heightAt: (lon, lat) => height({ lon, lat }),
    lowestM: -5000,
    highestM: 5000,
    spacingM: 60,
    sigmaM: 10,
    ...more,
  };
}

/** A ray that would meet the sphere at (0, 0) from the west, at an emission angle. */
function rayAt(emissionDeg: number, rangeM = 100_000) {
  const e = emissionDeg * DEGREE;
  const direction = Float64Array.from([-Math.cos(e), Math.sin(e), 0]);
  const origin = Float64Array.from([MOON_RADIUS_M, 0, 0].map((v, k) => v - rangeM * direction[k]!));
  return { origin, direction };
}

function heightOver(terrain: Terrain, { origin, direction }: ReturnType<typeof rayAt>, distance: number) {
  const [x, y, z] = [0, 1, 2].map((k) => origin[k]! + distance * direction[k]!) as [number, number, number];
  const lon = Math.atan2(y, x) / DEGREE;
  const lat = Math.atan2(z, Math.hypot(x, y)) / DEGREE;
  return Math.hypot(x, y, z) - MOON_RADIUS_M - terrain.heightAt(lon, lat);
}

describe('a line of sight', () => {
  const waves = fc.record({
    high: fc.double({ min: 0, max: 2400, noNaN: true }),
    /** Metres from crest to crest: slopes of up to 75 degrees. */
    long: fc.double({ min: 4000, max: 50_000, noNaN: true }),
    phase: fc.double({ min: 0, max: 7, noNaN: true }),
    emission: fc.double({ min: 0, max: 60, noNaN: true }),
  });

  it('ends at the first ground that it meets, on any slope and behind no ridge', () => {
    fc.assert(
      fc.property(waves, ({ high, long, phase, emission }) => {
        const k = (2 * Math.PI * MOON_RADIUS_M * DEGREE) / long;
        const terrain = terrainOf(
          ({ lon }) => high * Math.sin(k * lon + phase) + high * Math.cos(3 * k * lon) * 0.3,
        );
        const ray = rayAt(emission);
        const distance = distanceToTerrain(ray, terrain);
        expect(Math.abs(heightOver(terrain, ray, distance))).toBeLessThan(0.1);
        // Nothing before it, but for what is thinner than two samples of the terrain.
        for (let before = distance - 1; before > distance - 12_000; before -= 60)
          expect(heightOver(terrain, ray, before)).toBeGreaterThan(-60);
      }),
      { numRuns: 200 },
    );
  });

  it('ends at a cliff', () => {
    const terrain = terrainOf(({ lon }) => (lon < 0.02 ? -2000 : 3000));
    const ray = rayAt(50);
    const distance = distanceToTerrain(ray, terrain);
    const y = ray.origin[1]! + distance * ray.direction[1]!;
    const x = ray.origin[0]! + distance * ray.direction[0]!;
    expect(Math.atan2(y, x) / DEGREE).toBeCloseTo(0.02, 6);
  });

  it('ends nowhere where a height on its way is not known', () => {
    expect(
      distanceToTerrain(
        rayAt(30),
        terrainOf(() => NaN),
      ),
    ).toBeNaN();
  });

  it('moves by a metre of height as its angle to the ground says', () => {
    const flat = terrainOf(() => 0);
    for (const emission of [0.5, 10, 45])
      expect(shiftPerMetre(rayAt(emission), distanceToTerrain(rayAt(emission), flat), flat)).toBeCloseTo(
        Math.tan(emission * DEGREE),
        2,
      );
    // A slope along the view, dh = s dx: a metre of height moves the place by tan(e) / (1 + s tan(e)) metres.
    for (const slope of [-0.5, 0.5]) {
      const tilted = terrainOf(({ lon }) => slope * lon * DEGREE * MOON_RADIUS_M);
      const shift = shiftPerMetre(rayAt(45), distanceToTerrain(rayAt(45), tilted), tilted);
      expect(shift).toBeCloseTo(1 / (1 + slope), 2);
    }
  });
});

describe('the uncertainty of a place', () => {
  const normal = fc
    .tuple(fc.double({ min: 1e-9, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([u, v]) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
  const samples = fc.double({ min: 0, max: 5064, noNaN: true });

  it('holds what unknown heights do: the radius covers the shift of any height within two sigma', () => {
    const bare = createIsdModel(passIsd(pass), image);
    fc.assert(
      fc.property(normal, samples, (z, sample) => {
        fc.pre(Math.abs(z) <= 1.96);
        const psi = (height: number) => angleAtCentre(offAxis(sample), height) * MOON_RADIUS_M;
        const shift = Math.abs(psi(2200 * z) - psi(0));
        expect(shift).toBeLessThanOrEqual(bare.locate({ sample, line: 2048 }).uncertaintyM);
      }),
      { numRuns: 500 },
    );
  });

  it('holds what errors of a DEM do, on a slope too, and is a tenth of that without one', async () => {
    const plane = (more: number) =>
      degreesDem([-0.5, -0.5, 0.5, 0.5], 0.002, (lon) => 1000 + more + 0.4 * lon * DEGREE * MOON_RADIUS_M);
    const sigma = 100;
    const model = await onDem(pass, plane(0), sigma);
    const bare = createIsdModel(passIsd(pass), image);
    for (const error of [-1.96, -1, 0.5, 1.96]) {
      const wrong = await onDem(pass, plane(error * sigma));
      for (const sample of [0.5, 1000, 3000, 5063.5]) {
        const point = { sample, line: 2048 };
        const stated = model.locate(point).uncertaintyM;
        expect(distanceM(wrong.locate(point), model.locate(point))).toBeLessThan(stated);
        expect(stated).toBeLessThanOrEqual(bare.locate(point).uncertaintyM);
      }
    }
    const edge = { sample: 0.5, line: 2048 };
    expect(bare.locate(edge).uncertaintyM).toBeGreaterThan(100);
    expect(model.locate(edge).uncertaintyM).toBeLessThan(23);
  });

  it('of corners is 150 to 220 m near the nadir, and falls with a DEM where it is oblique', async () => {
    const at = (lon: number, lat: number) => ({ lon, lat });
    const geometry = (emissionDeg: number) => ({
      corners: {
        upperLeft: at(0.08, 0.8),
        upperRight: at(-0.08, 0.8),
        lowerRight: at(-0.08, -0.8),
        lowerLeft: at(0.08, -0.8),
      },
      lines: 52224,
      samples: 5064,
      subSolar: at(50, 1),
      emissionDeg,
      incidenceDeg: 50,
      cornerRoundingDeg: 0.005,
    });
    const middle = { sample: 2532, line: 26112 };
    const nadir = createCornerModel(geometry(1)).locate(middle).uncertaintyM;
    expect(nadir).toBeGreaterThan(120);
    expect(nadir).toBeLessThan(220);
    const dem = await demOf(degreesDem([-1, -1, 1, 1], 0.01, () => -300));
    const model = await cornersOnTerrain(geometry(30), dem);
    expect(model.kind).toBe('corners+dem');
    const bare = createCornerModel(geometry(30));
    const [known, unknown] = [model.locate(middle), bare.locate(middle)];
    expect(distanceM(known, unknown)).toBe(0);
    expect(known.uncertaintyM).toBeGreaterThan(300 * Math.tan(30 * DEGREE));
    expect(known.uncertaintyM).toBeLessThan(450);
    expect(unknown.uncertaintyM).toBeGreaterThan(2000);
    await dem.close();
  });
});

it('the rays of these tests meet the sphere at the equator and the prime meridian', () => {
  const ray = rayAt(33);
  const [x] = toVector({ lon: 0, lat: 0 });
  expect(ray.origin[0]! + 100_000 * ray.direction[0]!).toBeCloseTo(x * MOON_RADIUS_M, 6);
});

import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOON_RADIUS_M, type LonLat } from '../../src/domain/geometry.js';
import { openDem, type DemOptions } from '../../src/geo/dem.js';
import {
  KEY,
  MOON_DEGREES,
  demBytes,
  degreesDem,
  moonMetres,
  writeDem,
  type DemFile,
} from './dem-support.js';

const DEGREE = Math.PI / 180;
const OPTIONS: DemOptions = { sigmaM: 10, scale: 1 };
const SCALE = '<GDALMetadata><Item name="SCALE" sample="0" role="scale">0.5</Item></GDALMetadata>';

/** A surface with one value at each place: continuous over poles and the antimeridian, 4 km high and deep. */
function relief({ lon, lat }: LonLat): number {
  const [l, p] = [lon * DEGREE, lat * DEGREE];
  return 2000 * Math.cos(p) * Math.cos(l) + 1500 * Math.sin(p) + 500 * Math.cos(p) * Math.sin(l);
}

async function heightsAt(dem: DemFile, places: readonly LonLat[], options = OPTIONS): Promise<number[]> {
  const opened = await openDem(writeDem(dem), options);
  try {
    const terrain = await opened.terrainAt(places, 100);
    return places.map(({ lon, lat }) => terrain?.heightAt(lon, lat) ?? NaN);
  } finally {
    await opened.close();
  }
}

const global = (west: number): DemFile =>
  degreesDem([west, -90, west + 360, 90], 0.25, (lon, lat) => relief({ lon, lat }));
const anywhere = fc.record({
  lon: fc.oneof(
    fc.double({ min: -180, max: 360, noNaN: true }),
    fc.constantFrom(-180, 180, 0, 359.99, -0.01),
  ),
  lat: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 90, 89.95, -89.99)),
});

describe('a DEM of the whole Moon', () => {
  it.each([-180, 0])(
    'that begins at %i degrees has the height of every place, poles and seam too',
    async (west) => {
      const dem = await openDem(writeDem(global(west)), OPTIONS);
      await fc.assert(
        fc.asyncProperty(anywhere, async (place) => {
          const terrain = await dem.terrainAt([place], 100);
          // Half a row of 7.6 km is flat at the poles; bilinear interpolation is off by a few decimetres elsewhere.
          const within = Math.abs(place.lat) > 89.87 ? 12 : 0.5;
          expect(Math.abs((terrain?.heightAt(place.lon, place.lat) ?? NaN) - relief(place))).toBeLessThan(
            within,
          );
        }),
        { numRuns: 60 },
      );
      await dem.close();
    },
  );

  it('gives the same height whichever turn a longitude is written in', async () => {
    const at = (lon: number) => ({ lon, lat: 12.3 });
    const [a, b, c] = await heightsAt(global(0), [at(-170), at(190), at(550)]);
    expect(a).toBeCloseTo(b ?? NaN, 6);
    expect(a).toBeCloseTo(c ?? NaN, 6);
  });
});

describe('a DEM in metres', () => {
  const size = 500;

  it('is read in equirectangular with its own parallel and centre', async () => {
    const [parallel, centre] = [30, 180];
    const perDegree = MOON_RADIUS_M * DEGREE;
    const [left, top] = [-60_000, 40 * perDegree];
    const dem: DemFile = {
      width: 240,
      height: 200,
      size: [size, size],
      corner: [left, top],
      keys: moonMetres(17, { [KEY.parallel]: parallel, [KEY.centreLon]: centre }),
      value: (column, row) =>
        relief({
          lon: centre + (left + (column + 0.5) * size) / (perDegree * Math.cos(parallel * DEGREE)),
          lat: (top - (row + 0.5) * size) / perDegree,
        }),
    };
    const places = [
      { lon: -179.5, lat: 39 },
      { lon: 179, lat: 38.2 },
      { lon: 180, lat: 37 },
    ];
    const heights = await heightsAt(dem, places);
    heights.forEach((height, i) => expect(height).toBeCloseTo(relief(places[i]!), 1));
  });

  it.each([90, -90])('is read in polar stereographic about %i degrees', async (pole) => {
    const sign = Math.sign(pole);
    const half = 400;
    const dem: DemFile = {
      width: 2 * half,
      height: 2 * half,
      size: [size, size],
      corner: [-half * size, half * size],
      keys: moonMetres(15, { [KEY.originLat]: pole, [KEY.poleLon]: 0 }),
      value: (column, row) => {
        const [x, y] = [(column + 0.5 - half) * size, (half - row - 0.5) * size];
        const rho = Math.hypot(x, y);
        return relief({
          lon: Math.atan2(x, -sign * y) / DEGREE,
          lat: sign * (90 - (2 * Math.atan(rho / 2 / MOON_RADIUS_M)) / DEGREE),
        });
      },
    };
    const places = [0, 45, 90, 135, 180, -135, -90, -45, 17.3].flatMap((lon) =>
      [90, 89.9, 87, 84.5].map((lat) => ({ lon, lat: sign * lat })),
    );
    const heights = await heightsAt(dem, places);
    heights.forEach((height, i) => expect(Math.abs(height - relief(places[i]!))).toBeLessThan(0.5));
    expect(await heightsAt(dem, [{ lon: 0, lat: -pole }])).toEqual([NaN]);
  });
});

describe('the numbers of a DEM', () => {
  const place = { lon: 10.5, lat: 20.5 };
  const box = [10, 20, 11, 21] as const;
  const flat = (value: number, more: Partial<DemFile> = {}): DemFile => ({
    ...degreesDem(box, 0.01, () => value),
    ...more,
  });

  it('are metres by scale and offset, by the unit of the file, and by that of the configuration', async () => {
    const kilometres =
      '<GDALMetadata><Item name="UNITTYPE" sample="0" role="unittype">km</Item></GDALMetadata>';
    expect(await heightsAt(flat(-3001, { kind: 'int16', metadata: SCALE }), [place])).toEqual([-1500.5]);
    expect(await heightsAt(flat(1.25, { metadata: kilometres }), [place])).toEqual([1250]);
    expect(await heightsAt(flat(1.25), [place], { ...OPTIONS, scale: 1000 })).toEqual([1250]);
  });

  it('may be distances from the centre, and be written from either end', async () => {
    expect(await heightsAt(flat(1_736_400), [place])).toEqual([-1000]);
    expect(await heightsAt(flat(777, { bigEndian: true }), [place])).toEqual([777]);
    expect(await heightsAt(flat(777, { bigEndian: true, kind: 'int16' }), [place])).toEqual([777]);
  });

  it('are none at the value of no data, and next to it, and where no height of the Moon can be', async () => {
    const hole = degreesDem(box, 0.01, (lon) => (lon > 10.5 ? -3.4028226550889045e38 : 100));
    const heights = await heightsAt({ ...hole, noData: '-3.4028226550889045e+38' }, [
      { lon: 10.2, lat: 20.5 },
      { lon: 10.499, lat: 20.5 },
      { lon: 10.8, lat: 20.5 },
    ]);
    expect(heights).toEqual([100, NaN, NaN]);
    expect(await heightsAt(flat(30_000), [place])).toEqual([NaN]);
  });

  it('reach to the edge of the outer pixels and are none beyond', async () => {
    const at = (lon: number, lat: number) => ({ lon, lat });
    const heights = await heightsAt(flat(5), [
      at(10.001, 20.001),
      at(10.999, 20.999),
      at(9.999, 20.5),
      at(10.5, 21.001),
    ]);
    expect(heights).toEqual([5, 5, NaN, NaN]);
  });

  it('lie in the middle of pixels, or on their corners where the file says so', async () => {
    const ramp = degreesDem(box, 0.01, (lon) => (lon - 10) * 1000);
    const [middle] = await heightsAt(ramp, [place]);
    const points = { ...ramp, keys: { ...MOON_DEGREES, [KEY.raster]: 2 } };
    const [corner] = await heightsAt(points, [place]);
    expect(middle).toBeCloseTo(500, 2);
    expect(corner).toBeCloseTo(505, 2);
  });
});

it('a DEM that is too fine for the memory is thinned', async () => {
  const fine: DemFile = {
    ...degreesDem([0, 0, 52, 52], 0.01, (lon, lat) => relief({ lon, lat })),
    kind: 'int16',
  };
  // 27 million samples where 25 million may be held.
  const dem = await openDem(writeDem(fine), OPTIONS);
  const places = Array.from({ length: 676 }, (_, i) => ({
    lon: (i % 26) * 2 + 1,
    lat: Math.floor(i / 26) * 2 + 1,
  }));
  const terrain = await dem.terrainAt(places, 60_000);
  expect(terrain?.spacingM).toBeCloseTo(2 * dem.spacingM, 6);
  for (const place of places)
    expect(Math.abs((terrain?.heightAt(place.lon, place.lat) ?? NaN) - relief(place))).toBeLessThan(1.5);
  await dem.close();
}, 60_000);

describe('what is no DEM of the Moon', () => {
  const keys = (more: Record<number, number>): DemFile => ({
    ...degreesDem([0, 0, 1, 1], 0.1, () => 0),
    keys: more,
  });
  const bodiless = { [KEY.model]: 2, [KEY.raster]: 1, [KEY.geographic]: 32767 };

  it.each([
    [
      'of the Earth',
      keys({ ...bodiless, [KEY.geographic]: 4326 }),
      /EPSG:4326, which is of the Earth; .*gdal_edit/,
    ],
    [
      'of Mars',
      keys({ ...MOON_DEGREES, [KEY.major]: 3_396_190 }),
      /a body of 3396190 m radius, where the Moon/,
    ],
    ['of no body', keys(bodiless), /does not say which body it is of; .*IAU_2015:30100/],
    ['in Mercator', keys(moonMetres(7)), /projection 7 of GeoTIFF, neither .*gdalwarp/],
    ['without a projection', keys({ [KEY.major]: 1_737_400 }), /says nothing of its projection/],
  ])('%s is refused in one sentence', async (_name, dem, sentence) => {
    const path = writeDem(dem);
    const error = await openDem(path, OPTIONS).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'OperationalError', code: 'dem' });
    expect((error as Error).message).toMatch(sentence);
    expect((error as Error).message).toContain(path);
    expect((error as Error).message).not.toContain('\n');
  });

  it('is refused where it is not there, no TIFF, or cut short', async () => {
    await expect(openDem('/nowhere/dem.tif', OPTIONS)).rejects.toThrow(
      /^\/nowhere\/dem.tif: the terrain \(geo\.dem\) /,
    );
    const path = writeDem(degreesDem([0, 0, 1, 1], 0.01, () => 0));
    writeFileSync(path, 'lunar heights');
    await expect(openDem(path, OPTIONS)).rejects.toThrow(/cannot be opened as a GeoTIFF/);
    const whole = demBytes(degreesDem([0, 0, 1, 1], 0.01, () => 7));
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    const short = await openDem(path, OPTIONS);
    await expect(short.terrainAt([{ lon: 0.5, lat: 0.1 }], 100)).rejects.toThrow(
      /^.*dem\.tif: the terrain \(geo\.dem\) cannot be read to its end; check the file with gdalinfo\.$/,
    );
    await short.close();
  });
});

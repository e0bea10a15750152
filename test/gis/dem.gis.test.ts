import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { LonLat } from '../../src/domain/geometry.js';
import { openDem } from '../../src/geo/dem.js';
import { degreesDem, writeDem } from '../geo/dem-support.js';

const DEGREE = Math.PI / 180;
const folder = mkdtempSync(join(tmpdir(), 'selenoscan-gis-dem-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A surface with one value at each place, 4 km high and deep. */
function relief({ lon, lat }: LonLat): number {
  const [l, p] = [lon * DEGREE, lat * DEGREE];
  return 2000 * Math.cos(p) * Math.cos(l) + 1500 * Math.sin(p) + 500 * Math.cos(p) * Math.sin(l);
}

const around = (lat: number) => [-180, -91, -45, 0, 33, 90, 135, 179.5].map((lon) => ({ lon, lat }));
const low = [-20, 0, 13.3, 40].flatMap((lat) => [25, 30, 33.3].map((lon) => ({ lon, lat })));

/** What GDAL makes of a global DEM in degrees, and places that it holds. */
const made: readonly [name: string, options: readonly string[], places: readonly LonLat[]][] = [
  ['degrees', ['-t_srs', 'IAU_2015:30100', '-te', '0', '-50', '60', '50', '-tr', '0.1', '0.1'], low],
  [
    'equirectangular',
    ['-t_srs', 'IAU_2015:30110', '-te', '600000', '-1600000', '1100000', '1600000', '-tr', '3000', '3000'],
    low,
  ],
  [
    'equirectangular with a parallel and a centre of its own',
    [
      '-t_srs',
      '+proj=eqc +lat_ts=40 +lon_0=30 +R=1737400 +no_defs',
      '-te',
      '-300000',
      '-1600000',
      '300000',
      '1600000',
      '-tr',
      '3000',
      '3000',
    ],
    low,
  ],
  [
    'polar stereographic, north',
    ['-t_srs', 'IAU_2015:30130', '-te', '-400000', '-400000', '400000', '400000', '-tr', '2000', '2000'],
    [...around(84), ...around(89.7)],
  ],
  [
    'polar stereographic, south',
    ['-t_srs', 'IAU_2015:30135', '-te', '-400000', '-400000', '400000', '400000', '-tr', '2000', '2000'],
    [...around(-84), ...around(-89.7)],
  ],
  [
    'polar stereographic, true at 80 degrees south, turned',
    [
      '-t_srs',
      '+proj=stere +lat_0=-90 +lat_ts=-80 +lon_0=70 +R=1737400 +no_defs',
      '-te',
      '-400000',
      '-400000',
      '400000',
      '400000',
      '-tr',
      '2000',
      '2000',
    ],
    [...around(-84), ...around(-89.7)],
  ],
];

describe('a DEM that GDAL wrote', () => {
  it.each(made)('in %s lies where it was written', async (name, options, places) => {
    const source = writeDem(degreesDem([-180, -90, 180, 90], 0.1, (lon, lat) => relief({ lon, lat })));
    const path = join(folder, `${name.replace(/\W/g, '-')}.tif`);
    const layout = ['-co', 'TILED=YES', '-co', 'COMPRESS=DEFLATE', '-co', 'PREDICTOR=3'];
    execFileSync('gdalwarp', [
      '-q',
      '-s_srs',
      'IAU_2015:30100',
      '-r',
      'cubic',
      ...options,
      ...layout,
      source,
      path,
    ]);
    const dem = await openDem(path, { sigmaM: 10, scale: 1 });
    const terrain = await dem.terrainAt(places, 5000);
    const off = places.map((place) =>
      Math.abs((terrain?.heightAt(place.lon, place.lat) ?? NaN) - relief(place)),
    );
    console.log(
      `${name}: at most ${Math.max(...off).toFixed(2)} m off, a height every ${dem.spacingM.toFixed(0)} m`,
    );
    // A pixel aside would be 0.5 to 4 m on these slopes of up to 2 m in a kilometre.
    expect(Math.max(...off)).toBeLessThan(0.3);
    await dem.close();
  });

  it('in whole numbers with scale, offset and no data is read as GDAL means it', async () => {
    const source = writeDem(degreesDem([0, 0, 10, 10], 0.1, (lon, lat) => relief({ lon, lat })));
    const path = join(folder, 'whole.tif');
    const stored = join(folder, 'stored.tif');
    execFileSync('gdal_translate', [
      '-q',
      '-ot',
      'Int16',
      '-scale',
      '-4900',
      '5100',
      '-10000',
      '10000',
      source,
      stored,
    ]);
    const said = ['-a_scale', '0.5', '-a_offset', '100', '-a_nodata', '-32768'];
    execFileSync('gdal_translate', ['-q', '-a_srs', 'IAU_2015:30100', ...said, stored, path]);
    const dem = await openDem(path, { sigmaM: 10, scale: 1 });
    const places = [1, 5, 9].map((at) => ({ lon: at, lat: at }));
    const terrain = await dem.terrainAt(places, 1000);
    for (const place of places)
      expect(Math.abs((terrain?.heightAt(place.lon, place.lat) ?? NaN) - relief(place))).toBeLessThan(1);
    await dem.close();
  });
});

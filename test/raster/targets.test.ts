import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeArrayBuffer } from 'geotiff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOfGeoKeys } from '../../src/raster/geo-target.js';
import { assertMoonTarget, labelTargets } from '../../src/raster/label-target.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { REAL_DATA } from './images.js';

const pds4 = (name: string) =>
  `<?xml version="1.0"?>\n<pds:Product_Observational><!-- <Target_Identification><name>Mars</name></Target_Identification> -->
  <pds:Target_Identification>\n<pds:name>${name}</pds:name><pds:type>Satellite</pds:type></pds:Target_Identification></pds:Product_Observational>`;

describe("a label's target", () => {
  it.each([
    ['TARGET_NAME                        = MOON\r\n', ['MOON']],
    ['TARGET_NAME = "MOON"', ['MOON']],
    ['X = 1\n  TARGET_NAME = {EARTH, MOON}\n', ['EARTH', 'MOON']],
    ['TARGET_NAME = MARS /* red */', ['MARS']],
    ['  Group = Instrument\n    TargetName = Mars\n', ['Mars']],
    ['TARGET_NAME = "N/A"', []],
    ['SPACECRAFT = LRO', []],
    [pds4('Moon'), ['Moon']],
    [pds4('MARS'), ['MARS']],
    ['<Product_Browse/>', []],
  ])('is read from %j', (label, targets) => {
    expect(labelTargets(label)).toEqual(targets);
  });

  it('is refused by name unless it is the Moon or not told', () => {
    expect(() => assertMoonTarget('TARGET_NAME = MARS', 'X.IMG')).toThrow(
      'X.IMG is an image of MARS, not of the Moon, by its label; give an image of the Moon.',
    );
    expect(() => assertMoonTarget(pds4('Moon'), 'x')).not.toThrow();
    expect(() => assertMoonTarget('TARGET_NAME = {EARTH, MOON}', 'x')).not.toThrow();
    expect(() => assertMoonTarget('', 'x')).not.toThrow();
  });

  const labels = join(REAL_DATA, 'labels');
  it.skipIf(!existsSync(labels))(`is the Moon in every real label (${labels})`, () => {
    const told = readdirSync(labels)
      .filter((name) => !name.endsWith('.json'))
      .map((name) => labelTargets(readFileSync(join(labels, name), 'latin1')));
    expect(told.flat().every((target) => target === 'MOON')).toBe(true);
    // All but the browse label name it.
    expect(told.filter((targets) => targets.length === 0)).toHaveLength(1);
  });
});

describe("a TIFF's georeference", () => {
  it.each([
    [{ GeogCitationGeoKey: 'GCS_Moon_2000' }, 'the Moon'],
    [{ GTCitationGeoKey: 'Moon2000_Equirectangular' }, 'the Moon'],
    [{ GTCitationGeoKey: 'IAU_2015:30135' }, 'the Moon'],
    [{ GeogSemiMajorAxisGeoKey: 1737400 }, 'the Moon'],
    [{ GTCitationGeoKey: 'Equirectangular Mars', GeogSemiMajorAxisGeoKey: 3396190 }, 'Mars'],
    [{ GTCitationGeoKey: 'IAU_2015:49910' }, 'the body of NAIF number 499'],
    [{ GeogSemiMajorAxisGeoKey: 2439400 }, 'a body with a radius of 2439 km'],
    [{ GTCitationGeoKey: 'WGS 84 / UTM zone 33N', ProjectedCSTypeGeoKey: 32633 }, 'the Earth'],
    [{ GeographicTypeGeoKey: 4326 }, 'the Earth (EPSG:4326)'],
    [{ GeographicTypeGeoKey: 32767, GTModelTypeGeoKey: 2 }, null],
    [{}, null],
  ])('of %o is of %s', (keys, body) => {
    expect(bodyOfGeoKeys(keys)).toBe(body);
  });
});

describe('opening an image', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raster-targets-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function write(name: string, keys: object): Promise<string> {
    const path = join(folder, name);
    const tiff = writeArrayBuffer(new Uint8Array(400), { width: 20, height: 20, ...keys });
    await writeFile(path, Buffer.from(tiff));
    return path;
  }
  const moon = { GeographicTypeGeoKey: 32767, GeogCitationGeoKey: 'GCS_Moon_2000' };

  it('of another body by its georeference is refused', async () => {
    const mars = await write('mars.tif', {
      GeographicTypeGeoKey: 32767,
      GeogCitationGeoKey: 'GCS_Mars_2000',
    });
    await expect(openRaster(mars)).rejects.toMatchObject({
      code: 'wrong_body',
      message:
        'mars.tif is georeferenced on Mars, not on the Moon; give an image of the Moon or strip its georeference.',
    });
    const earth = await write('earth.tif', { GeographicTypeGeoKey: 4326 });
    await expect(openRaster(earth)).rejects.toMatchObject({ code: 'wrong_body' });
    await (await openRaster(await write('moon.tif', moon))).close();
  });

  it.each(['A_pyr.xml', 'A.xml', 'A.lbl', 'A.LBL'])(
    'A_pyr.tif looks at the label %s beside it',
    async (name) => {
      const image = await write('A_pyr.tif', moon);
      const label = join(folder, name);
      await writeFile(
        label,
        name.endsWith('xml') ? pds4('Mars') : 'PDS_VERSION_ID = PDS3\r\nTARGET_NAME = MARS\r\n',
      );
      await expect(openRaster(image)).rejects.toThrow(
        /^A_pyr.tif is an image of (Mars|MARS), not of the Moon/,
      );
      await writeFile(label, pds4('Moon'));
      await (await openRaster(image)).close();
      await rm(label);
    },
  );
});

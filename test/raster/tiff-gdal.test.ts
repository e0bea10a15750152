import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRaster } from '../../src/raster/open-raster.js';
import { describeWithGdal } from '../support/gdal.js';
import { decodedByLibvips, texture } from './images.js';
import { differenceOf, expectedGrey, readGrey, readSamples } from './stretched.js';

const [width, height] = [600, 700];

describeWithGdal('a TIFF that GDAL made', () => {
  let folder: string;
  let grey: string;
  let colour: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raster-gdal-'));
    grey = join(folder, 'grey.png');
    colour = join(folder, 'colour.png');
    const ground = texture(width, height);
    await sharp(ground, { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(grey);
    const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
      Math.min(255, (ground[Math.floor(i / 3)] ?? 0) + 15 * (i % 3)),
    );
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(colour);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function run(tool: string, ...args: string[]): void {
    execFileSync(tool, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
  }

  function translate(from: string, name: string, ...options: string[]): string {
    const path = join(folder, name);
    run('gdal_translate', '-q', ...options, from, path);
    return path;
  }

  it.each([
    ['chroma of half size', ['PHOTOMETRIC=YCBCR']],
    ['RGB', ['PHOTOMETRIC=RGB']],
    ['BigTIFF', ['PHOTOMETRIC=YCBCR', 'BIGTIFF=YES']],
  ])(
    'as JPEG with shared tables and %s, and its overviews, reads as libvips reads it',
    async (name, options) => {
      const all = ['COMPRESS=JPEG', 'TILED=YES', ...options].flatMap((option) => ['-co', option]);
      const path = translate(colour, `jpeg ${name}.tif`, ...all);
      run('gdaladdo', '-q', path, '2', '4');
      expect(Buffer.compare(await readGrey(path), await decodedByLibvips(path))).toBe(0);
      const image = await openRaster(path);
      expect(image.info).toMatchObject({
        width,
        height,
        format: expect.stringMatching(/, 3 levels/) as string,
      });
      await image.close();
    },
  );

  it('as JPEG with bands in planes reads as GDAL does', async () => {
    const options = ['COMPRESS=JPEG', 'TILED=YES', 'INTERLEAVE=BAND', 'PHOTOMETRIC=RGB'];
    const path = translate(colour, 'planes.tif', ...options.flatMap((option) => ['-co', option]));
    const truth = await decodedByLibvips(translate(path, 'planes.png', '-of', 'PNG'));
    expect(differenceOf(await readGrey(path), truth).most).toBeLessThanOrEqual(1);
  });

  it('with a palette has the grey of its colours', async () => {
    const few = join(folder, 'few.png');
    await sharp(colour).png({ palette: true, colours: 60 }).toFile(few);
    const path = translate(few, 'palette.tif', '-co', 'COMPRESS=LZW');
    const truth = await decodedByLibvips(translate(path, 'palette.png', '-expand', 'rgb', '-of', 'PNG'));
    expect(differenceOf(await readGrey(path), truth).most).toBe(0);
  });

  it('whose reduced image comes first shows the full one', async () => {
    const reduced = translate(grey, 'reduced.tif', '-outsize', '50%', '50%');
    const small = await sharp(reduced).raw().toBuffer();
    // One file of two directories: a thumbnail called so, then the image.
    const path = join(folder, 'first.tif');
    const pages = {
      small: { width: width / 2, height: height / 2, data: small },
      full: texture(width, height),
    };
    await writeFile(path, twoPages(pages.small, { width, height, data: pages.full }));
    expect(Buffer.compare(await readGrey(path), texture(width, height))).toBe(0);
  });

  it('of reflectance computed from 16 bits has the grey levels of the 16 bits', async () => {
    const dn = translate(grey, 'dn.tif', '-ot', 'Int16', '-scale', '0', '255', '0', '20000');
    const reflectance = join(folder, 'iof.tif');
    run(
      'gdal_calc.py',
      '--quiet',
      '-A',
      dn,
      '--calc=A*3.05185094759972e-05',
      '--type=Float32',
      `--outfile=${reflectance}`,
    );
    const { most, share } = differenceOf(await readGrey(reflectance), await readGrey(dn));
    expect(most).toBeLessThanOrEqual(1);
    expect(share).toBeLessThan(0.01);
  });

  it('without data in places keeps those apart from shadow', async () => {
    const dn = translate(grey, 'nodata.tif', '-ot', 'UInt16', '-a_nodata', '100');
    const samples = await readSamples(dn);
    const meant = samples.map((value) => (value === 100 ? NaN : value));
    expect(meant.some(Number.isNaN)).toBe(true);
    expect(await sampledGrey(dn, meant)).toBe(0);

    const bytes = translate(grey, 'nodata8.tif', '-a_nodata', '100', '-co', 'COMPRESS=LZW');
    const image = await openRaster(bytes);
    expect(image.info.exactNulls).toBe(true);
    await image.close();
    const truth = texture(width, height).map((value) => (value === 100 ? 0 : Math.max(value, 1)));
    expect(differenceOf(await readGrey(bytes), truth).most).toBe(0);
  });

  /** Both in an image that is sampled; its percentiles differ a little from those of all samples. */
  async function sampledGrey(path: string, samples: Float32Array): Promise<number> {
    const grey = await readGrey(path);
    const expected = expectedGrey(samples);
    const apart = expected.findIndex((level, i) => (level === 0) !== (grey[i] === 0));
    expect(apart).toBe(-1);
    return Math.max(0, differenceOf(grey, expected).most - 2);
  }
});

interface Page {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function twoPages(first: Page, second: Page): Buffer {
  const pages = [first, second];
  const head = Buffer.alloc(8);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  const parts: Buffer[] = [head];
  let at = 8;
  pages.forEach(({ width: w, height: h, data }, i) => {
    const entries = [
      [254, i === 0 ? 1 : 0],
      [256, w],
      [257, h],
      [258, 8],
      [259, 1],
      [262, 1],
      [273, at + 2 + 10 * 12 + 4],
      [277, 1],
      [278, h],
      [279, data.length],
    ] as const;
    const directory = Buffer.alloc(2 + entries.length * 12 + 4);
    directory.writeUInt16LE(entries.length, 0);
    entries.forEach(([tag, value], n) => {
      directory.writeUInt16LE(tag, 2 + 12 * n);
      directory.writeUInt16LE(4, 4 + 12 * n);
      directory.writeUInt32LE(1, 6 + 12 * n);
      directory.writeUInt32LE(value, 10 + 12 * n);
    });
    const end = at + directory.length + data.length;
    directory.writeUInt32LE(i === pages.length - 1 ? 0 : end, directory.length - 4);
    parts.push(directory, Buffer.from(data));
    at = end;
  });
  return Buffer.concat(parts);
}

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli, sentenceOf } from '../support/cli.js';
import { STARTER } from '../support/starter.js';

const CROP = fileURLToPath(
  new URL('../../../shared/data/nac/M143947267L_crop400_8bit_IoF0-0.27.png', import.meta.url),
);

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-scan-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, data: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
}

interface Answer {
  readonly images: {
    readonly product_id: string;
    readonly tiles: number;
    readonly masked_tiles: number;
    readonly detections: { geom: unknown; score: number; sample: number; line: number; lon: number | null }[];
  }[];
}

describe('selenoscan scan', () => {
  it('scans real pixels without geometry: pixel coordinates, one warning, exit 0', async (context) => {
    if (!existsSync(CROP)) return context.skip('the real crops are not at ../shared/data');
    const tiles = join(folder, 'tiles.csv');
    const run = await runCli(['scan', CROP, '--sun', '270', '--json', '--tiles', tiles]);
    expect(run.code).toBe(0);
    const [image] = (JSON.parse(run.stdout) as Answer).images;
    expect(image).toMatchObject({ product_id: 'M143947267L', tiles: 144, masked_tiles: 0 });
    for (const detection of image?.detections ?? []) {
      expect(detection.geom).toBeNull();
      expect(detection.sample).toBeGreaterThan(0);
      expect(detection.sample).toBeLessThan(400);
    }
    expect(run.stderr.match(/NoGeometry/g)).toHaveLength(1);
    const rows = readFileSync(tiles, 'utf8').trim().split('\n');
    const labelFree = 'l2,mu_norm,vae2024,bright,bright_peak,tri,a,z_a,z_bright,b';
    const learned = 'lander,small,tracks,z_lander,z_small,z_tracks,c';
    expect(rows[0]).toBe(`image,x,y,score,${labelFree},${learned}`);
    expect(rows).toHaveLength(145);
    for (const row of rows.slice(1)) {
      const numbers = row
        .slice(CROP.length + 1)
        .split(',')
        .map(Number);
      expect(numbers.every(Number.isFinite)).toBe(true);
    }
  });

  it('places detections by given corners', async () => {
    const path = file(
      'ground.png',
      await sharp({
        create: {
          width: 256,
          height: 256,
          channels: 3,
          background: '#777',
          noise: { type: 'gaussian', mean: 120, sigma: 12 },
        },
      })
        .png()
        .toBuffer(),
    );
    const corners = '10,20 10.01,20 10.01,19.99 10,19.99';
    const run = await runCli(['scan', path, '--corners', corners, '--sun', '90', '--json'], {
      SELENOSCAN_DETECTION_THRESHOLD: '1',
    });
    expect(run.code).toBe(0);
    const detections = (JSON.parse(run.stdout) as Answer).images[0]?.detections ?? [];
    expect(detections.length).toBeGreaterThan(0);
    for (const { lon } of detections) expect(lon).toBeCloseTo(10.005, 1);
  });

  it.each([
    [
      'a web page in place of data',
      'page.tif',
      '<!DOCTYPE html><html><body>Not found</body></html>',
      /page\.tif.*(HTML|web page)/,
    ],
    ['an empty file', 'empty.tif', '', /empty\.tif.*empty/],
    ['what is no image', 'note.txt', 'hello moon', /note\.txt/],
  ])('refuses %s in one sentence', async (_what, name, data, sentence) => {
    const run = await runCli(['scan', file(name, data)]);
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toMatch(sentence);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });

  it('names the image that is smaller than a tile', async () => {
    const create = { width: 100, height: 10, channels: 3 as const, background: '#777' };
    const run = await runCli(['scan', file('thin.png', await sharp({ create }).png().toBuffer())]);
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toContain('thin.png has 100 x 10 valid pixels');
  });

  it('refuses a truncated TIFF and an image of another body in one sentence', async () => {
    const whole = await sharp({ create: { width: 512, height: 512, channels: 3, background: '#888' } })
      .toColourspace('b-w')
      .tiff({ tile: true, tileWidth: 256, tileHeight: 256, compression: 'none' })
      .toBuffer();
    const cut = await runCli(['scan', file('cut.tif', whole.subarray(0, whole.length / 2))]);
    expect(cut.code).toBe(1);
    expect(sentenceOf(cut)).toMatch(/cut\.tif.*(truncated|ends)/);
    const path = file('mars.tif', whole);
    writeFileSync(join(folder, 'mars.lbl'), 'PDS_VERSION_ID = PDS3\nTARGET_NAME = MARS\nEND\n');
    const mars = await runCli(['scan', path]);
    expect(mars.code).toBe(1);
    expect(sentenceOf(mars)).toMatch(/mars.*MARS/i);
  });

  it('refuses a model folder with a wrong checksum', async () => {
    const copy = join(folder, 'models', basename(STARTER));
    cpSync(STARTER, copy, { recursive: true });
    const weights = readFileSync(join(copy, 'weights.safetensors'));
    weights.writeUInt8(weights.readUInt8(5000) ^ 1, 5000);
    writeFileSync(join(copy, 'weights.safetensors'), weights);
    const run = await runCli(['scan', file('any.png', 'x')], { SELENOSCAN_MODEL_PATH: copy });
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toMatch(/weights\.safetensors.*checksum/);
  });

  it('ends with 2 on wrong usage and wrong configuration', async () => {
    expect((await runCli(['scan'])).code).toBe(2);
    expect((await runCli(['scan', 'x.png', '--sun', 'up'])).code).toBe(2);
    expect((await runCli(['scan', 'x.png', '--corners', '1,2 3'])).code).toBe(2);
    const unknown = await runCli(['scan', 'x.png'], { SELENOSCAN_DETECTION_BUDGE: '3' });
    expect(unknown.code).toBe(2);
    expect(sentenceOf(unknown)).toContain('did you mean "SELENOSCAN_DETECTION_BUDGET"?');
  });
});

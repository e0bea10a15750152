import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { parseBinnings } from '../../src/archive/choose/strata.js';
import type { Product } from '../../src/domain/product.js';
import { TransientError } from '../../src/domain/errors.js';
import { drawSample } from '../../src/pipeline/draw-sample.js';
import { planSample, type SampleRequest } from '../../src/pipeline/plan-sample.js';
import { SampleFolder } from '../../src/pipeline/sample-folder.js';
import { sampleImage } from '../../src/pipeline/sample-image.js';
import type { Crop, Outcome } from '../../src/pipeline/sample-record.js';
import { faultOfWindow, placeWindow, windowBands } from '../../src/pipeline/sample-windows.js';
import { readSunDirections } from '../../src/training/sun-directions.js';
import { testSource } from '../archive/support.js';
import { noiseScenes, testReplica } from '../replica/support.js';

const LINES = 400;
const SAMPLES = 320;
const WINDOWS = { crops: 2, size: 128, seed: 4 };
const OPTIONS = { seed: 4, images: 5 };
const never = new AbortController().signal;

const request = (more: Partial<SampleRequest> = {}): SampleRequest => ({
  ...OPTIONS,
  binnings: parseBinnings('latitude,incidence,resolution', []),
  limits: { maxIncidenceDeg: 80, maxEmissionDeg: 45, maxResolutionM: 2, minLines: 64, samples: [SAMPLES] },
  bbox: null,
  ...more,
});

async function bench(access: 'download' | 'range' = 'download') {
  const replica = await testReplica({ images: 12, lines: LINES, samples: SAMPLES, scenes: noiseScenes });
  const { source, dir: downloads, leftovers } = await testSource([replica.address], { access, retries: 0 });
  const out = await mkdtemp(join(tmpdir(), 'selenoscan-sample-'));
  onTestFinished(() => rm(out, { recursive: true }));
  const asked: string[] = [];
  const cut = async (product: Product) => {
    asked.push(product.productId);
    const fetched = await source.fetchImage(product, downloads, { signal: never });
    return sampleImage(product, fetched, WINDOWS, never);
  };
  const plan = async () => ({
    options: { ...OPTIONS },
    ...(await planSample(
      source,
      [await source.newestVolume(never), 'LROLRC_1001'],
      request(),
      () => undefined,
      never,
    )),
  });
  return { replica, source, out, cut, plan, asked, leftovers };
}

interface Manifest {
  readonly complete: boolean;
  readonly images: number;
  readonly volumes: unknown[];
  readonly strata: { name: string; images: number }[];
  readonly errors: { code: string }[];
  readonly crops: (Crop & { stratum: string })[];
}

const manifestOf = async (out: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(out, 'sample.json'), 'utf8')) as Manifest;

const picturesIn = async (out: string): Promise<string[]> =>
  (await readdir(out)).filter((name) => name.endsWith('.png')).sort();

describe('a sample drawn from the archive', () => {
  it('is grey windows with a manifest and Sun directions, the same by ranges and by downloads', async () => {
    const contents: string[][] = [];
    for (const access of ['download', 'range'] as const) {
      const { out, cut, plan, asked } = await bench(access);
      const folder = await SampleFolder.open(out);
      const { complete } = await drawSample(await plan(), 5, folder, cut, { outcome: () => undefined });
      expect(complete).toBe(true);
      const manifest = await manifestOf(out);
      expect(manifest).toMatchObject({ complete: true, images: 5 });
      expect(manifest.volumes).toEqual([
        { volume: 'LROLRC_1067A', records: 60 },
        { volume: 'LROLRC_1001', records: null },
      ]);
      expect(Math.max(...manifest.strata.map(({ images }) => images))).toBeLessThanOrEqual(2);
      // What is dark all over was passed over and another image taken.
      expect(asked.length).toBe(5 + manifest.errors.length);
      for (const { code } of manifest.errors) expect(code).toBe('no_window');
      const names = await picturesIn(out);
      expect(names).toEqual(manifest.crops.map(({ file }) => file).sort());
      const sun = await readSunDirections(join(out, 'sun.json'));
      for (const { file, sha256, sun_azimuth_deg: azimuth } of manifest.crops) {
        const bytes = await readFile(join(out, file));
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
        expect(await sharp(bytes).metadata()).toMatchObject({
          width: 128,
          height: 128,
          channels: 1,
          depth: 'uchar',
        });
        expect(sun.get(file)).toBe(azimuth);
      }
      const csv = (await readFile(join(out, 'sample.csv'), 'utf8')).trimEnd().split('\n');
      expect(csv).toHaveLength(1 + manifest.crops.length);
      for (const row of csv) expect(row.split(',')).toHaveLength(22);
      contents.push(manifest.crops.map(({ file, sha256 }) => `${file} ${sha256}`));
    }
    expect(contents[0]).toEqual(contents[1]);
  }, 60_000);

  it('tells the direction to the Sun in the image as the archive made it, whatever the flip', async () => {
    const { replica, out, cut, plan } = await bench();
    const folder = await SampleFolder.open(out);
    await drawSample(await plan(), 5, folder, cut, { outcome: () => undefined });
    const products = replica.volumes[0]!.products;
    for (const { product_id, sun_azimuth_deg: azimuth } of (await manifestOf(out)).crops) {
      const { x, y } = products.find(({ productId }) => productId === product_id)!.scene.towardsSun;
      const radians = (azimuth * Math.PI) / 180;
      // Corners are rounded to 0.01 degree, 150 m of these short images' 300 m: within 45 degrees.
      expect(Math.sin(radians) * x - Math.cos(radians) * y).toBeGreaterThan(0.7);
    }
  }, 60_000);

  it('goes on where it was killed, asks for nothing twice and ends with the same files', async () => {
    const whole = await bench();
    await drawSample(await whole.plan(), 5, await SampleFolder.open(whole.out), whole.cut, {
      outcome: () => undefined,
    });
    const broken = await bench();
    const plan = await broken.plan();
    const folder = await SampleFolder.open(broken.out);
    await folder.begin(plan);
    let images = 0;
    const killed = drawSample(plan, 5, folder, broken.cut, {
      outcome(_outcome: Outcome, drawn) {
        images = drawn;
        if (drawn === 3) throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    expect(images).toBe(3);
    expect(await manifestOf(broken.out)).toMatchObject({ complete: false });
    // A journal line that was cut short, and a picture that was altered since.
    await appendFile(join(broken.out, '.draw/journal.jsonl'), '{"outcome":"drawn","product');
    const [altered = ''] = await picturesIn(broken.out);
    await writeFile(join(broken.out, altered), 'not a picture');
    const before = [...broken.asked];
    const again = await SampleFolder.open(broken.out);
    const kept = await again.plan({ ...OPTIONS });
    expect(kept).toEqual(plan);
    await drawSample(kept!, 5, again, broken.cut, { outcome: () => undefined });
    const twice = broken.asked.slice(before.length).filter((id) => before.includes(id));
    expect(twice).toEqual([altered.split('_')[0]]);
    expect(await picturesIn(broken.out)).toEqual(await picturesIn(whole.out));
    expect((await manifestOf(broken.out)).crops).toEqual(
      (await manifestOf(whole.out)).crops.map((crop) => ({
        ...crop,
        source_url: crop.source_url.replace(whole.replica.address, broken.replica.address),
      })),
    );
    await expect(again.plan({ ...OPTIONS, seed: 5 })).rejects.toThrow(
      /holds a draw with other options \(seed\); give those, or another folder by --out/,
    );
  }, 60_000);

  it('stops with one sentence when image after image meets passing trouble, and blames no image for it', async () => {
    const { out, plan } = await bench();
    const folder = await SampleFolder.open(out);
    let asked = 0;
    const down = () => {
      asked++;
      return Promise.reject(new TransientError('network', 'The archive does not answer.'));
    };
    await expect(drawSample(await plan(), 5, folder, down, { outcome: () => undefined })).rejects.toThrow(
      /3 images in a row could not be fetched \(The archive does not answer\.\); what was drawn is kept/,
    );
    expect(asked).toBe(3);
    expect(await manifestOf(out)).toMatchObject({ complete: false, errors: [] });
    expect(await readdir(join(out, '.draw'))).toEqual([]);
  }, 60_000);

  it('leaves out night, terminator, stubs, other widths and places outside the box, and counts them', async () => {
    const { source } = await bench();
    const limits = { ...request().limits, samples: [5064] };
    const planned = (more: Partial<SampleRequest>) =>
      planSample(source, ['LROLRC_1067A'], request(more), () => undefined, never);
    expect(await planned({ limits })).toMatchObject({ strata: [], left_out: { samples: 12 } });
    const low = await planned({ limits: { ...request().limits, maxIncidenceDeg: 55, minLines: 401 } });
    const { incidence = 0, lines = 0 } = low.left_out;
    expect([incidence > 0, lines > 0, incidence + lines]).toEqual([true, true, 12]);
    const north = await planned({ bbox: [-180, 0, 180, 90] });
    const east = await planned({ bbox: [170, -90, 10, 90] });
    for (const { strata } of [north, east]) expect(strata.length).toBeGreaterThan(0);
    for (const { center } of north.strata.flatMap(({ candidates }) => candidates))
      expect(center.lat).toBeGreaterThanOrEqual(0);
    for (const { center } of east.strata.flatMap(({ candidates }) => candidates))
      expect(center.lon >= 170 || center.lon <= 10).toBe(true);
  }, 60_000);
});

test('windows lie within the columns that saw the Moon and never overlap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 256, max: 9000 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(),
      (height, crops, seed) => {
        const options = { crops, size: 256, seed };
        const bands = windowBands(height, options);
        expect(bands).toBeGreaterThan(0);
        let end = 0;
        for (let band = 0; band < bands; band++) {
          const { x, y } = placeWindow({ width: 5064, height }, 'M1LC', band, 0, options);
          expect(x >= 64 && x + 256 <= 5024 && y >= end && y + 256 <= height).toBe(true);
          end = y + 256;
        }
      },
    ),
  );
});

test.each([
  ['in shadow', () => 1, false],
  ['saturated', () => 255, false],
  ['without relief', (i: number) => 80 + (i % 3), false],
  ['without data', (i: number) => (i % 10 === 0 ? 0 : i % 200), true],
  [null, (i: number) => (i % 10 === 0 ? 0 : i % 200), false],
])('a window can be %s', (fault, level, exactNulls) => {
  expect(
    faultOfWindow(
      Uint8Array.from({ length: 4096 }, (_, i) => level(i)),
      exactNulls,
    ),
  ).toBe(fault);
});

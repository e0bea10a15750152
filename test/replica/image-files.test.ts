import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RasterSource } from '../../src/domain/raster.js';
import { openRaster } from '../../src/raster/open-raster.js';
import type { SceneMaker } from '../../src/replica/scene-maker.js';
import { createSceneThread } from '../../src/replica/scene-thread.js';
import { createStubScenes } from '../../src/replica/stub-scenes.js';
import { archiveUrls, quickScenes, testReplica } from './support.js';

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'replica-images-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

async function fetched(url: string): Promise<Buffer> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** Puts files of the archive beside each other, and gives the path of the first. */
async function saved(urls: readonly string[]): Promise<string> {
  const dir = await folder();
  for (const url of urls) await writeFile(join(dir, basename(url)), await fetched(url));
  return join(dir, basename(urls[0]!));
}

async function meanGrey(raster: RasterSource): Promise<number> {
  let [sum, count] = [0, 0];
  for await (const { data } of raster.strips([{ firstLine: 0, lines: 64 }])) {
    for (const value of data) sum += value;
    count += data.length;
  }
  await raster.close();
  return sum / count;
}

function told(label: string, element: string): string | undefined {
  return new RegExp(`<${element}[^>]*>([^<]*)<`).exec(label)?.[1];
}

describe.each(['cdr', 'edr'] as const)('the %s product itself', (dataSet) => {
  const replicaWith = (scenes: SceneMaker, lines: number) =>
    testReplica({ dataSet, images: 1, lines, scenes, newestVolume: 'LROLRC_1067A' });

  it('is what its detached label says, and is named and dated as its row', async () => {
    const replica = await replicaWith(createStubScenes(), 64);
    const [product] = replica.volumes[0]!.products;
    const { img, imgLabel } = archiveUrls(replica);
    const label = (await fetched(imgLabel)).toString();
    const image = await fetched(img);
    expect(told(label, 'file_name')).toBe(basename(img));
    expect(told(label, 'file_size')).toBe(String(image.length));
    expect(told(label, 'md5_checksum')).toBe(createHash('md5').update(image).digest('hex'));
    expect(told(label, 'lro:product_version_id')).toBe('v1.9');
    expect(Date.parse(told(label, 'start_date_time')!)).toBe(product!.startTime.getTime());
    expect(Date.parse(told(label, 'stop_date_time')!)).toBeCloseTo(product!.stopTime.getTime(), -1);
    expect(told(label, 'logical_identifier')).toContain(dataSet === 'cdr' ? 'lroc-3-cdr' : 'lroc-2-edr');
  });

  it('opens with either of its labels as an image of its size', async () => {
    const replica = await replicaWith(createStubScenes(), 64);
    const { img, imgLabel } = archiveUrls(replica);
    const greys: number[] = [];
    for (const urls of [[img], [img, imgLabel]]) {
      const raster = await openRaster(await saved(urls));
      expect(raster.info).toMatchObject({ width: 5064, height: 64 });
      greys.push(await meanGrey(raster));
    }
    expect(greys[0]).toBeGreaterThan(1);
    expect(greys[1]).toBe(greys[0]);
  });

  it('is made once, when it is asked for, and not where the maker of scenes makes none', async () => {
    let made = 0;
    const stubs = createStubScenes();
    const counting: SceneMaker = {
      ...stubs,
      makeImg: (spec, job) => {
        made++;
        return stubs.makeImg!(spec, job);
      },
    };
    const replica = await replicaWith(counting, 64);
    const { image, img, imgLabel } = archiveUrls(replica);
    await fetched(image);
    expect(made).toBe(0);
    for (const url of [img, imgLabel, img]) await fetched(url);
    expect(made).toBe(1);
    const other = await replicaWith(quickScenes(), 64);
    expect((await fetch(archiveUrls(other).img)).status).toBe(403);
  });

  it('made anew names another version and is another file', async () => {
    const replica = await replicaWith(createStubScenes(), 64);
    const { img, imgLabel } = archiveUrls(replica);
    const before = await fetched(img);
    replica.reissue(replica.volumes[0]!.volumeId, [replica.volumes[0]!.products[0]!.productId]);
    const [after, label] = [await fetched(img), (await fetched(imgLabel)).toString()];
    expect(after.toString('latin1')).toContain('"v1.10"');
    expect(after.equals(before)).toBe(false);
    expect(told(label, 'md5_checksum')).toBe(createHash('md5').update(after).digest('hex'));
  });

  it('shows the scene of the browse image', async () => {
    const replica = await replicaWith(createSceneThread(), 512);
    const { img, image } = archiveUrls(replica);
    const rasters = [await openRaster(await saved([img])), await openRaster(await saved([image]))];
    const [a, b] = await Promise.all(rasters.map(async (raster) => columnMeans(raster)));
    expect(correlation(a!, b!)).toBeGreaterThan(0.9);
  });
});

describe('a stubbed image', () => {
  it('has the size of its row and every block of it, in a file that is small', async () => {
    const replica = await testReplica({ images: 1, lines: 52_224, scenes: createStubScenes() });
    const path = await saved([archiveUrls(replica).image]);
    const raster = await openRaster(path);
    expect(raster.info).toMatchObject({ width: 5064, height: 52_224 });
    const last: number[] = [];
    for await (const { data } of raster.strips([{ firstLine: 52_160, lines: 64 }]))
      last.push(...data.subarray(-99));
    await raster.close();
    const mean = last.reduce((sum, value) => sum + value, 0) / last.length;
    expect(mean).toBeGreaterThan(90);
    expect(mean).toBeLessThan(130);
    expect(replica.volumes[0]!.products[0]!.scene.lines).toBe(52_224);
    expect((await fetched(archiveUrls(replica).image)).length).toBeLessThan(100_000);
  });

  it('is another one for each product, and made again alike after it went', async () => {
    const replica = await testReplica({ images: 4, lines: 600, scenes: createStubScenes(), imagesKept: 2 });
    const { image } = archiveUrls(replica);
    const ids = replica.volumes[0]!.products.map(({ productId }) => productId);
    const urls = replica.volumes[0]!.products.map(({ startTime, productId }) =>
      image.replace(/\d{7}\/M\w+?_pyr/, `${dayOfYear(startTime)}/${productId}_pyr`),
    );
    const first = await Promise.all(urls.map(fetched));
    expect(new Set(first.map((body) => createHash('md5').update(body).digest('hex'))).size).toBe(ids.length);
    const again = await Promise.all(urls.map(fetched));
    again.forEach((body, n) => expect(body.equals(first[n]!)).toBe(true));
  });
});

function dayOfYear(time: Date): string {
  const year = time.getUTCFullYear();
  const day = Math.floor((time.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
  return `${year}${String(day).padStart(3, '0')}`;
}

/** Mean grey of 32-pixel columns over a few lines. */
async function columnMeans(raster: RasterSource): Promise<number[]> {
  const sums = new Array<number>(Math.floor(raster.info.width / 32)).fill(0);
  for await (const { data } of raster.strips([{ firstLine: 200, lines: 64 }])) {
    data.forEach((value, i) => {
      const column = Math.floor((i % raster.info.width) / 32);
      if (column < sums.length) sums[column]! += value;
    });
  }
  await raster.close();
  return sums;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((x, y) => x + y, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0);
  const covariance = sum((i) => (a[i]! - ma) * (b[i]! - mb));
  return covariance / Math.sqrt(sum((i) => (a[i]! - ma) ** 2) * sum((i) => (b[i]! - mb) ** 2));
}

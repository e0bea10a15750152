import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openRemoteBytes, type RemoteBytesOptions } from '../../src/archive/http/remote-bytes.js';
import type { Product } from '../../src/domain/product.js';
import type { Replica } from '../../src/replica/replica.js';
import type { SceneMaker } from '../../src/replica/scene-maker.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { quickScenes, testReplica } from '../replica/support.js';
import { all, testSource, type TestSource, productsOf } from './support.js';

const BYTES = 40_000;
const IMAGE = /store.*_pyr\.tif/;
const ATTEMPTS = 3;

interface Served {
  readonly replica: Replica;
  readonly at: TestSource;
  readonly image: Product;
  readonly url: string;
  readonly whole: Buffer;
  /** Ranges that the store was asked for since it was served. */
  readonly asked: () => string[];
}

async function served(scenes: SceneMaker = quickScenes(BYTES)): Promise<Served> {
  const replica = await testReplica({ images: 1, scenes });
  const at = await testSource([replica.address], { access: 'range', retries: ATTEMPTS - 1 });
  const [release] = await all(at.source.discover(null));
  const [image] = await productsOf(release!);
  const { url } = await at.source.fetchImage(image!, at.dir);
  const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
  const before = replica.log.length;
  return {
    replica,
    at,
    image: image!,
    url,
    whole,
    asked: () =>
      replica.log
        .slice(before)
        .filter(({ path }) => IMAGE.test(path))
        .map(({ headers }) => headers.range ?? 'all'),
  };
}

const bytesOf = (ranges: readonly string[]) =>
  ranges.reduce((sum, range) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    return sum + Number(last) - Number(first) + 1;
  }, 0);

describe('bytes on a server', () => {
  it('read like those of a file, in any order, whatever the blocks', async () => {
    const { at, url, whole } = await served();
    const reads = fc.array(fc.tuple(fc.nat(BYTES + 10), fc.nat(BYTES)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        reads,
        fc.integer({ min: 1000, max: 50_000 }),
        fc.nat(3),
        fc.nat(5),
        async (list, blockBytes, ahead, kept) => {
          const options: RemoteBytesOptions = { blockBytes, readAhead: ahead + 1, keptBlocks: kept + 1 };
          const bytes = await openRemoteBytes(at.client, url, options);
          expect(bytes.size).toBe(BYTES);
          const answers = await Promise.all(list.map(([offset, length]) => bytes.read(offset, length)));
          for (const [n, [offset, length]] of list.entries())
            expect(whole.subarray(offset, offset + length).equals(answers[n]!)).toBe(true);
          await bytes.close();
        },
      ),
      { numRuns: 12 },
    );
  }, 20_000);

  it('are asked for by single ranges, ahead while reading goes forward, and once only', async () => {
    const { at, url, asked } = await served();
    const bytes = await openRemoteBytes(at.client, url, { blockBytes: 4000, readAhead: 3, keptBlocks: 10 });
    for (let at = 0; at < BYTES; at += 1000) await bytes.read(at, 1000);
    for (let at = 0; at < BYTES; at += 1000) await bytes.read(at, 1000);
    expect(asked()).toEqual(['bytes=0-3999', 'bytes=4000-15999', 'bytes=16000-27999', 'bytes=28000-39999']);
  });

  it.each<[string, object, string]>([
    ['is replaced', { etag: '"other"' }, 'changed'],
    ['breaks off', { cutAt: 30_000 }, 'network'],
    ['answers another part', { shiftRange: 5 }, 'range'],
    ['ends before its part', { endAt: 30_500 }, 'range'],
    ['answers a page', { status: 200, body: '<!doctype html><html></html>' }, 'page_for_data'],
    ['answers the whole', { wholeForRange: true }, 'no_ranges'],
  ])('are trouble with a name when the server %s', async (_what, fault, code) => {
    const { replica, at, url, whole, asked } = await served();
    const bytes = await openRemoteBytes(at.client, url, { blockBytes: 4000 });
    replica.faults.add({ match: IMAGE, times: ATTEMPTS, ...fault });
    await expect(bytes.read(30_000, 2000)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^http:\S+_pyr\.tif .*\.$/) as string,
    });
    replica.faults.clear();
    expect(whole.subarray(30_000, 32_000).equals(await bytes.read(30_000, 2000))).toBe(true);
    if (code !== 'no_ranges') expect(asked()).toHaveLength(ATTEMPTS + 2);
  });

  it('stop with the reason given when aborted', async () => {
    const { replica, at, url } = await served();
    const abort = new AbortController();
    const bytes = await openRemoteBytes(at.client, url, { blockBytes: 4000, signal: abort.signal });
    replica.faults.add({ match: IMAGE, delayMs: 2000 });
    setTimeout(() => abort.abort(new Error('stopped')), 50);
    await expect(bytes.read(30_000, 2000)).rejects.toThrow('stopped');
  });
});

describe('an image read by ranges', () => {
  it('names the checksum of its label and leaves nothing on disk', async () => {
    const { at, image, url, whole } = await served();
    const fetched = await at.source.fetchImage(image, at.dir);
    const md5 = createHash('md5').update(whole).digest('hex');
    expect(fetched).toMatchObject({ url, bytes: BYTES, checksum: `md5:${md5}`, source: { size: BYTES } });
    expect(await at.leftovers()).toEqual([]);
  });

  it('is trouble when it has another size than its label says', async () => {
    const { replica, at, image } = await served();
    const label = `<Product_Browse><Target_Identification><name>Moon</name></Target_Identification>
      <File><file_name>${image.productId}_pyr.tif</file_name><file_size unit="byte">41000</file_size>
      <md5_checksum>${'0'.repeat(32)}</md5_checksum></File></Product_Browse>`;
    replica.faults.add({ match: /store.*_pyr\.xml/, body: label, headers: { 'Content-Type': 'text/xml' } });
    await expect(at.source.fetchImage(image, at.dir)).rejects.toMatchObject({ code: 'size_mismatch' });
  });

  it('gives the same lines as its download, and takes fewer bytes for a window', async () => {
    const scenes: SceneMaker = {
      ...quickScenes(),
      make: async (_spec, path) => {
        const noise = { type: 'gaussian' as const, mean: 110, sigma: 30 };
        const create = { width: 1024, height: 4096, channels: 3 as const, background: '#666', noise };
        const grey = sharp({ create }).toColourspace('b-w');
        const tiff = { tile: true, tileWidth: 256, tileHeight: 256, pyramid: true };
        await writeFile(path, await grey.tiff({ ...tiff, compression: 'jpeg', quality: 90 }).toBuffer());
      },
    };
    const { at, url, whole, asked } = await served(scenes);
    expect(whole.length).toBeGreaterThan(1_000_000);
    const path = `${at.dir}/whole.tif`;
    await writeFile(path, whole);
    const file = await openRaster(path);
    const options = { blockBytes: 64 * 1024 };
    const near = await openRaster(await openRemoteBytes(at.client, url, options));
    expect(await near.window(300, 2000, 64, 64)).toEqual(await file.window(300, 2000, 64, 64));
    expect(bytesOf(asked())).toBeLessThan(whole.length / 4);
    await near.close();
    const remote = await openRaster(await openRemoteBytes(at.client, url, options));
    const ranges = [0, 1, 2, 3].map((n) => ({ firstLine: n * 1024, lines: 1024 }));
    const [here, there] = [await all(file.strips(ranges)), await all(remote.strips(ranges))];
    expect(there).toHaveLength(4);
    for (const [n, strip] of there.entries())
      expect(Buffer.from(strip.data).equals(here[n]!.data)).toBe(true);
    await file.close();
    await remote.close();
  });
});

import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { download } from '../../src/archive/fetch/download.js';
import { openDownloadArea } from '../../src/archive/fetch/download-area.js';
import { parseContentRange } from '../../src/archive/http/content-range.js';
import type { Fault } from '../../src/replica/faults.js';
import type { Replica } from '../../src/replica/replica.js';
import { testReplica } from '../replica/support.js';
import { all, fakeClock, testFolder, testSource, type TestSource, productsOf } from './support.js';

const BYTES = 40_000;
const IMAGE = /store.*_pyr\.tif/;

interface Served {
  readonly replica: Replica;
  readonly at: TestSource;
  readonly url: string;
  readonly whole: Buffer;
  readonly md5: string;
}

async function servedImage(retries = 8): Promise<Served> {
  const replica = await testReplica({ images: 1 });
  const at = await testSource([replica.address], { retries });
  const [release] = await all(at.source.discover(null));
  const [image] = await productsOf(release!);
  const fetched = await at.source.fetchImage(image!, at.dir);
  const whole = await readFile(fetched.source as string);
  return { replica, at, url: fetched.url, whole, md5: createHash('md5').update(whole).digest('hex') };
}

/** Downloads under faults and tells what was asked of the store meanwhile. */
async function downloadUnder(
  { replica, at, url }: Served,
  faults: readonly Fault[],
  expected: { bytes: number | null; md5: string | null },
) {
  replica.faults.clear();
  for (const fault of faults) replica.faults.add({ ...fault, times: 1 });
  const before = replica.log.length;
  const path = join(at.dir, 'image.tif');
  const result = await download(at.client, url, path, expected, {});
  const asked = replica.log
    .slice(before)
    .filter(({ path }) => IMAGE.test(path))
    .map(({ headers, status }) => ({ range: headers.range, ifRange: headers['if-range'], status }));
  return { result, content: await readFile(path), asked };
}

describe('a download that breaks off', () => {
  it('is gone on with where it is the index of a first poll, by another process', async () => {
    const replica = await testReplica({ images: 30 });
    const area = openDownloadArea({ dir: await testFolder(), limitBytes: 1, clock: fakeClock() });
    replica.faults.add({ match: /store.*INDEX\.TAB/, cutAt: 20_000, times: 1 });
    const first = await testSource([replica.address], { retries: 0, area });
    const [broken] = await all(first.source.discover(null));
    await expect(productsOf(broken!)).rejects.toMatchObject({ name: 'TransientError' });
    const before = replica.log.length;
    const second = await testSource([replica.address], { retries: 0, area });
    const [release] = await all(second.source.discover(null));
    expect((await productsOf(release!)).length).toBe(30);
    const tables = replica.log.slice(before).filter(({ path }) => /store.*INDEX\.TAB/.test(path));
    expect(tables.map(({ headers, status }) => [headers.range, status])).toEqual([['bytes=20000-', 206]]);
  });

  it('gives the same bytes and hashes wherever and however often it broke, asking once more for each', async () => {
    const served = await servedImage();
    const sha256 = createHash('sha256').update(served.whole).digest('hex');
    const cuts = fc.uniqueArray(fc.integer({ min: 0, max: BYTES - 1 }), { maxLength: 7 });
    const kind = fc.constantFrom<'cutAt' | 'endAt'>('cutAt', 'cutAt', 'endAt');
    await fc.assert(
      fc.asyncProperty(cuts, kind, fc.boolean(), async (points, how, told) => {
        // A body that ends early without a break is only noticed where the size is told.
        const faults = points
          .sort((a, b) => a - b)
          .map((at) => ({ match: IMAGE, [told ? how : 'cutAt']: at }));
        const expected = told ? { bytes: BYTES, md5: served.md5 } : { bytes: null, md5: null };
        const { result, content, asked } = await downloadUnder(served, faults, expected);
        expect(content.equals(served.whole)).toBe(true);
        expect(result).toMatchObject({ bytes: BYTES, sha256 });
        expect(result.head).toHaveLength(512);
        expect(asked).toHaveLength(points.length + 1);
      }),
      { numRuns: 25 },
    );
    expect(await readdir(served.at.dir)).toHaveLength(2);
  }, 20_000);

  it('asks for the rest of the same version only', async () => {
    const served = await servedImage();
    const { asked } = await downloadUnder(served, [{ match: IMAGE, cutAt: 25_000 }], {
      bytes: BYTES,
      md5: served.md5,
    });
    expect(asked[0]).toMatchObject({ range: undefined, status: 200 });
    expect(asked[1]).toMatchObject({ ifRange: `"${served.md5}"`, status: 206 });
    const from = Number(/^bytes=(\d+)-$/.exec(asked[1]?.range ?? '')?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(25_000);
  });

  it.each<[string, Fault[], number[]]>([
    ['changed meanwhile', [{ match: IMAGE, etag: '"other"' }], [200, 200]],
    ['answered whole', [{ match: IMAGE, wholeForRange: true }], [200, 200]],
    ['answered from a wrong offset', [{ match: IMAGE, shiftRange: 7 }], [200, 206, 200]],
    [
      'answered 416',
      [{ match: IMAGE, status: 416, headers: { 'Content-Range': 'bytes */9' } }],
      [200, 416, 200],
    ],
    [
      'answered by a page',
      [{ match: IMAGE, status: 200, body: '<html><body>Try later</body></html>' }],
      [200, 200, 206],
    ],
    [
      'answered by a page as if it were the part',
      [
        {
          match: IMAGE,
          status: 206,
          headers: { 'Content-Range': 'bytes 20000-39999/40000' },
          body: '<html>',
        },
      ],
      [200, 206, 206],
    ],
    ['damaged in the first half', [], [200, 206, 200]],
  ])('is whole in the end though its rest was %s', async (what, faults, statuses) => {
    const served = await servedImage();
    const first = what.startsWith('damaged') ? { corruptAt: 5000 } : {};
    const { content, asked } = await downloadUnder(
      served,
      [{ match: IMAGE, cutAt: 20_000, ...first }, ...faults],
      { bytes: BYTES, md5: served.md5 },
    );
    expect(content.equals(served.whole)).toBe(true);
    expect(asked.map(({ status }) => status)).toEqual(statuses);
  });

  it('begins anew where the server names no version, and where it compresses', async () => {
    const body = Buffer.alloc(5000, 'II*\0abcdefg');
    let asked = 0;
    const server = createServer((request, response) => {
      expect(request.headers.range).toBeUndefined();
      response.writeHead(200, { 'Content-Type': 'image/tiff', 'Content-Length': body.length });
      if (asked++ > 0) response.end(body);
      else response.write(body.subarray(0, 3000), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const at = await testSource(['http://127.0.0.1']);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/image.tif`;
    const path = join(at.dir, 'image.tif');
    await download(at.client, url, path, { bytes: null, md5: null }, {});
    expect((await readFile(path)).equals(body)).toBe(true);
    expect(asked).toBe(2);
  });

  it('is given up after the configured attempts, without a trace', async () => {
    const { replica, at, url } = await servedImage(3);
    replica.faults.add({ match: IMAGE, cutAt: 20_000 });
    const before = replica.log.length;
    const path = join(at.dir, 'other.tif');
    await expect(download(at.client, url, path, { bytes: BYTES, md5: null }, {})).rejects.toMatchObject({
      name: 'TransientError',
    });
    expect(replica.log.slice(before).filter(({ path }) => IMAGE.test(path))).toHaveLength(4);
    expect((await readdir(at.dir)).filter((name) => name.includes('other'))).toEqual([]);
  });
});

describe('the bounds of a download', () => {
  it('refuse a file that the disk cannot take, in one sentence, before it is asked for', async () => {
    const { replica, at, url } = await servedImage();
    const before = replica.log.length;
    const expected = { bytes: 2 ** 50, md5: null };
    await expect(download(at.client, url, join(at.dir, 'huge.tif'), expected, {})).rejects.toMatchObject({
      name: 'OperationalError',
      code: 'disk_full',
      message: expect.stringMatching(
        /^\/\S+ has \d+ MB free where http\S+ takes 1125899907 MB; make room there or set archive\.download_dir\.$/,
      ) as string,
    });
    expect(replica.log).toHaveLength(before);
  });

  it('refuse more bytes than the limit where no size is told', async () => {
    const { at, url } = await servedImage(0);
    const unknown = { bytes: null, md5: null };
    const path = join(at.dir, 'large.tif');
    await expect(download(at.client, url, path, unknown, {}, BYTES - 1)).rejects.toMatchObject({
      code: 'too_large',
    });
    await expect(download(at.client, url, path, unknown, {}, BYTES)).resolves.toMatchObject({ bytes: BYTES });
  });
});

describe('Content-Range', () => {
  it('is read back as it was written, and nothing else is taken for one', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (first, more, rest) => {
        const last = first + more;
        const total = last + 1 + rest;
        expect(parseContentRange(`bytes ${first}-${last}/${total}`)).toEqual({ first, last, total });
        expect(parseContentRange(`bytes ${first}-${last}/*`)).toEqual({ first, last, total: null });
        expect(parseContentRange(`bytes ${first}-${last}/${last}`)).toBeNull();
      }),
    );
    for (const text of [null, '', 'bytes */100', 'bytes 5-4/9', 'items 1-2/3', 'bytes 1-2/3, 5-6/9'])
      expect(parseContentRange(text)).toBeNull();
  });
});

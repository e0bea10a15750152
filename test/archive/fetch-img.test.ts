import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { browsePath, imgPath } from '../../src/archive/archive-urls.js';
import { parseImgLabel } from '../../src/archive/fetch/browse-label.js';
import type { ByteSource } from '../../src/domain/bytes.js';
import { present, product, readData, testServer, testSource, type TestServer } from './support.js';

const IMAGE = product();
const ID = IMAGE.productId;
const AT = 'LRO-L-LROC-3-CDR-V1.0/LROLRC_1034';
const IMG = `/${AT}/DATA/ESM3/2018028/NAC/${ID}.IMG`;
const TIF = `/${AT}/EXTRAS/BROWSE/2018028/${ID}_pyr.tif`;
const REAL_LABEL = 'labels/nac.m1271742202lc_cdr.xml';

function img(id = ID, bytes = 20_000): Buffer {
  const label = [
    'PDS_VERSION_ID = PDS3',
    'RECORD_BYTES = 2000',
    'FILE_RECORDS = 10',
    `PRODUCT_ID = ${id}`,
    'END',
  ];
  return Buffer.concat([Buffer.from(label.join('\r\n') + '\r\n'), Buffer.alloc(30_000, 7)]).subarray(
    0,
    bytes,
  );
}

const tif = Buffer.concat([Buffer.from('II*\0'), Buffer.alloc(5000, 3)]);

function label(file: Buffer, name: string): string {
  const md5 = createHash('md5').update(file).digest('hex');
  return `<Product><File><file_name>${name}</file_name><file_size unit="byte">${file.length}</file_size>
    <md5_checksum>${md5}</md5_checksum></File></Product>`;
}

/** An archive of some files; all others are answered by 404. Single ranges are heeded. */
function archive(files: Readonly<Record<string, string | Buffer>>): Promise<TestServer> {
  return testServer((request, response) => {
    const file = files[request.url ?? ''];
    if (file === undefined) return void response.writeHead(404).end();
    const body = Buffer.from(file);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (first === undefined) return void response.writeHead(200, { ETag: '"1"' }).end(body);
    const end = Math.min(last === undefined || last === '' ? Infinity : Number(last), body.length - 1);
    response.writeHead(206, { 'Content-Range': `bytes ${first}-${end}/${body.length}`, ETag: '"1"' });
    response.end(body.subarray(Number(first), end + 1));
  });
}

const sha256 = (file: Buffer) => `sha256:${createHash('sha256').update(file).digest('hex')}`;

describe("a product's own file", () => {
  const xml = IMG.replace('.IMG', '.xml');

  it('is fetched with the size and MD5 of the label beside it, and told with address and checksum', async () => {
    const server = await archive({ [IMG]: img(), [xml]: label(img(), `${ID}.IMG`) });
    const at = await testSource([server.url], { image: 'img' });
    const fetched = await at.source.fetchImage(IMAGE, at.dir);
    expect(fetched).toEqual({
      source: `${at.dir}/${ID}.IMG`,
      url: server.url.slice(0, -1) + IMG,
      checksum: sha256(img()),
      bytes: 20_000,
      isd: null,
    });
    expect((await readFile(fetched.source as string)).equals(img())).toBe(true);
    expect(server.asked.map(({ path }) => path)).toEqual([xml, IMG]);
  });

  it('is read by ranges where that is asked for and a label states its checksum', async () => {
    const server = await archive({ [IMG]: img(), [xml]: label(img(), `${ID}.IMG`) });
    const at = await testSource([server.url], { image: 'img', access: 'range' });
    const { source, checksum, bytes } = await at.source.fetchImage(IMAGE, at.dir);
    expect(Buffer.from(await (source as ByteSource).read(19_990, 100))).toHaveLength(10);
    expect({ checksum, bytes }).toEqual({
      checksum: `md5:${createHash('md5').update(img()).digest('hex')}`,
      bytes: 20_000,
    });
    await (source as ByteSource).close();
    expect(await at.leftovers()).toEqual([]);
  });

  it.each(['download', 'range'] as const)(
    'is downloaded without a label beside it, checked by its own (access: %s)',
    async (access) => {
      const server = await archive({ [IMG]: img() });
      const at = await testSource([server.url], { image: 'img', access });
      await expect(at.source.fetchImage(IMAGE, at.dir)).resolves.toMatchObject({
        source: `${at.dir}/${ID}.IMG`,
        checksum: sha256(img()),
      });
    },
  );

  it.each<[string, Buffer, number | undefined, object]>([
    [
      'is shorter than it says itself',
      img(ID, 19_999),
      undefined,
      { code: 'size_mismatch', name: 'TransientError' },
    ],
    ['is something else', Buffer.from('ERROR 12: try later'), undefined, { code: 'page_for_data' }],
    [
      'is the image of another product',
      img('M999999999LC'),
      undefined,
      { code: 'other_label', name: 'InvalidProductError' },
    ],
    ['is larger than allowed', img(), 19_000, { code: 'too_large', name: 'OperationalError' }],
  ])('is refused without a label when it %s, and leaves nothing', async (_what, file, maxBytes, error) => {
    const server = await archive({ [IMG]: file });
    const at = await testSource([server.url], {
      ...{ image: 'img', retries: 0 },
      ...(maxBytes !== undefined && { maxBytes }),
    });
    await expect(at.source.fetchImage(IMAGE, at.dir)).rejects.toMatchObject(error);
    expect(await at.leftovers()).toEqual([]);
  });

  it('is invalid when it is what its label says, but no image', async () => {
    const text = Buffer.from('no image');
    const server = await archive({ [IMG]: text, [xml]: label(text, `${ID}.IMG`) });
    const at = await testSource([server.url], { image: 'img' });
    await expect(at.source.fetchImage(IMAGE, at.dir)).rejects.toMatchObject({ code: 'not_an_image' });
    expect(await at.leftovers()).toEqual([]);
  });

  it.skipIf(!present(REAL_LABEL))('has a real label that tells its size and MD5', () => {
    expect(parseImgLabel(readData(REAL_LABEL).toString(), ID, 'x')).toEqual({
      fileName: `${ID}.IMG`,
      bytes: 528_929_736,
      md5: '08bb001d5ac15ec7c4fb11a5cee1346e',
    });
    expect(() => parseImgLabel(readData(REAL_LABEL).toString(), 'M1LC', 'x')).toThrow(
      /x is the label of M1271742202LC\.IMG, not of M1LC/,
    );
  });
});

describe('a product whose preferred file is not there', () => {
  const files = {
    [IMG]: img(),
    [IMG.replace('.IMG', '.xml')]: label(img(), `${ID}.IMG`),
    [TIF]: tif,
    [TIF.replace('.tif', '.xml')]: label(tif, `${ID}_pyr.tif`),
  };
  const without = (part: string) =>
    Object.fromEntries(
      Object.entries(files).filter(([path]) => path.includes('BROWSE') !== (part === 'tif')),
    );

  it.each([
    ['ptif', 'tif', 'IMG'],
    ['img', 'IMG', '_pyr.tif'],
  ] as const)('is read from its other one, where allowed (%s)', async (image, part, ending) => {
    const server = await archive(without(part));
    const at = await testSource([server.url], { image });
    const denied = at.source.fetchImage(IMAGE, at.dir, { fallback: false });
    await expect(denied).rejects.toMatchObject({ name: 'MissingProductError' });
    const fetched = await at.source.fetchImage(IMAGE, at.dir);
    expect(fetched.url.endsWith(ending)).toBe(true);
    expect(fetched.checksum).toBe(sha256(part === 'tif' ? img() : tif));
    expect(fetched.bytes).toBe(part === 'tif' ? 20_000 : 5004);
  });

  it('is looked for at every mirror first', async () => {
    const first = await archive(without('tif'));
    const second = await archive(files);
    const at = await testSource([first.url, second.url]);
    await expect(at.source.fetchImage(IMAGE, at.dir)).resolves.toMatchObject({
      url: second.url.slice(0, -1) + TIF,
    });
  });

  it('is not read from the other one while a mirror is in trouble, for it may have the preferred one', async () => {
    const first = await archive(without('tif'));
    const at = await testSource([first.url, 'http://127.0.0.1:1/'], { retries: 0 });
    await expect(at.source.fetchImage(IMAGE, at.dir)).rejects.toMatchObject({ code: 'network' });
  });

  it('is missing when neither is there', async () => {
    const server = await archive({});
    const at = await testSource([server.url]);
    await expect(at.source.fetchImage(IMAGE, at.dir)).rejects.toMatchObject({
      name: 'MissingProductError',
      message: expect.stringMatching(/_pyr\.xml is not in the archive yet \(HTTP 404\)\.$/) as string,
    });
  });
});

describe('names that the archive gives', () => {
  it('never lead out of the archive, nor out of the download folder', () => {
    const evil = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('..', '.', 'a', '', '%2e%2e', '\\', '?', '#', ' ', `${ID}.IMG`), {
          maxLength: 8,
        })
        .map((parts) => parts.join('/')),
    );
    fc.assert(
      fc.property(evil, fc.boolean(), (text, ends) => {
        const fileSpecification = ends ? `${text}/${ID}.IMG` : text;
        for (const pathOf of [imgPath, browsePath]) {
          let path: string;
          try {
            path = pathOf({ productId: ID, fileSpecification });
          } catch (error) {
            expect(error).toMatchObject({ name: 'InvalidProductError', code: 'file_specification' });
            continue;
          }
          const url = new URL(`http://archive.example/data/${path}`);
          expect(url.pathname).toBe(`/data/${path}`);
        }
      }),
      { numRuns: 500 },
    );
    expect(() =>
      imgPath({ productId: '../M1271742202LC', fileSpecification: IMAGE.fileSpecification }),
    ).toThrow(/is not the id of a NAC image/);
  });
});

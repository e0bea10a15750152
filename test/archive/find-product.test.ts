import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseUrls } from '../../src/archive/archive-urls.js';
import { findProduct } from '../../src/archive/index/find-product.js';
import { findRecord, streamToRecord } from '../../src/archive/index/find-record.js';
import { parseIndexLabel } from '../../src/archive/index/index-layout.js';
import { readIndexRow } from '../../src/archive/index/index-file.js';
import { timeOfId } from '../../src/archive/index/product-time.js';
import { volumeOf } from '../../src/archive/index/volume-calendar.js';
import type { ByteSource } from '../../src/domain/bytes.js';
import { testReplica } from '../replica/support.js';
import { all, present, readData, testSource, productsOf } from './support.js';

describe('the time in a product id', () => {
  it.each([
    ['M124423514LC', '2010-03-28T13:50:47Z'],
    ['M102128467LE', '2009-07-13T12:46:40Z'],
    ['M1271742202LC', '2018-01-28T01:28:54Z'],
  ])('of %s is that of its first line within seconds', (id, time) => {
    expect(Math.abs(timeOfId(id).getTime() - Date.parse(time))).toBeLessThan(5000);
  });

  it('agrees with every real record', (context) => {
    if (!present('index/INDEX_901.TAB')) return context.skip('the real index rows are not at ../shared/data');
    for (const name of ['INDEX_901.TAB', 'INDEX_902.TAB']) {
      const text = readData(`index/${name}`).toString('latin1');
      for (const record of text.trimEnd().split('\r\n')) {
        const id = /" ?(M\d+[LR][EC])"/.exec(record)![1]!;
        const [, start] = record.match(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+/g)!;
        expect(Math.abs(timeOfId(id).getTime() - Date.parse(`${start!.replace(' ', 'T')}Z`))).toBeLessThan(
          8000,
        );
        const volumeId = /^"\s*(LROLRC_\w+)"/.exec(record)![1]!;
        expect(volumeOf(timeOfId(id), id.endsWith('E') ? 'edr' : 'cdr')).toBe(volumeId);
      }
    }
  });
});

/** A table with nothing but ids of nine and of ten digits. */
function tableOf(ids: readonly string[], order: 'trimmed' | 'padded') {
  const padded = ids.map((id) => id.padStart(13));
  padded.sort((a, b) => {
    const [x, y] = order === 'padded' ? [a, b] : [a.trim(), b.trim()];
    return x < y ? -1 : x > y ? 1 : 0;
  });
  const data = Buffer.from(padded.map((id) => `"${id}"\r\n`).join(''), 'latin1');
  const layout = {
    recordBytes: 17,
    rows: ids.length,
    md5: null,
    columns: new Map([['PRODUCT_ID', { start: 1, bytes: 13 }]]),
  };
  let reads = 0;
  const bytes: ByteSource = {
    name: 'INDEX.TAB',
    path: 'INDEX.TAB',
    size: data.length,
    read: (offset, length) => {
      reads++;
      return Promise.resolve(Uint8Array.from(data.subarray(offset, offset + length)));
    },
    close: () => Promise.resolve(),
  };
  return { data, layout, bytes, reads: () => reads };
}

const anyId = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1e8, max: 1e9 - 1 }), fc.integer({ min: 1e9, max: 2e9 })),
    fc.constantFrom('L', 'R'),
  )
  .map(([number, frame]) => `M${number}${frame}C`);

describe('a record among those of a table', () => {
  it('is found by bisection and by streaming wherever it lies, and a missing one is not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyId, { minLength: 2, maxLength: 60 }),
        fc.constantFrom('trimmed' as const, 'padded' as const),
        fc.integer({ min: 1, max: 100 }),
        async ([missing, ...ids], order, size) => {
          const { data, layout, bytes, reads } = tableOf(ids, order);
          const chunks = async function* () {
            for (let at = 0; at < data.length; at += size)
              yield await Promise.resolve(data.subarray(at, at + size));
          };
          for (const id of ids) {
            const before = reads();
            const record = await findRecord(bytes, layout, id);
            expect(Buffer.from(record!).toString()).toContain(`${id}"`);
            expect(reads() - before).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(ids.length + 1)));
            expect(await streamToRecord(chunks(), layout, id, 'INDEX.TAB')).toEqual(Uint8Array.from(record!));
          }
          expect(await findRecord(bytes, layout, missing!)).toBeNull();
          expect(await streamToRecord(chunks(), layout, missing!, 'INDEX.TAB')).toBeNull();
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is not looked for in a table that is not whole records', async () => {
    const { layout, bytes } = tableOf(['M100000001LC', 'M100000002LC'], 'padded');
    await expect(findRecord({ ...bytes, size: 33 }, layout, 'M100000001LC')).rejects.toMatchObject({
      code: 'index_truncated',
    });
    await expect(findRecord(bytes, { ...layout, rows: 3 }, 'M100000001LC')).rejects.toThrow(/INDEX\.TAB/);
  });
});

describe('a product in the archive', () => {
  const archive = async (options: Parameters<typeof testReplica>[0] = {}) => {
    const replica = await testReplica({ images: 6, newestVolume: 'LROLRC_1066C', ...options });
    replica.release();
    const at = await testSource([replica.address]);
    const find = (id: string) => findProduct(at.client, baseUrls([replica.address]), id);
    const tables = () =>
      replica.log.filter(({ path }) => path.includes('/data/store') && path.endsWith('.TAB'));
    return { replica, at, find, tables };
  };

  it('is found with the row that discovery gives, by ranges of its volume', async () => {
    const { replica, at, find, tables } = await archive();
    const [release] = await all(at.source.discover(null));
    const before = tables().length;
    for (const product of await productsOf(release!)) expect(await find(product.productId)).toEqual(product);
    const older = replica.volumes[0]!.products[3]!.productId;
    expect(await find(older)).toMatchObject({ productId: older, volumeId: 'LROLRC_1066C' });
    expect(
      tables()
        .slice(before + 1)
        .every(({ headers }) => headers.range !== undefined),
    ).toBe(true);
  });

  it('is found in a neighbour of the volume that its time tells', async () => {
    const { replica, find } = await archive();
    const { products, label, table } = replica.volumes[1]!;
    const headers = { 'Content-Type': 'text/plain' };
    for (const neighbour of ['LROLRC_1066C', 'LROLRC_1067B']) {
      replica.faults.clear();
      replica.faults.add({ match: /LROLRC_1067A\/INDEX/, status: 404 });
      for (const [file, content] of [
        ['INDEX.LBL', label],
        ['INDEX.TAB', table],
      ] as const) {
        const match = new RegExp(`${neighbour}/INDEX/${file}`);
        replica.faults.add({ match, headers, body: content.body.toString('latin1') });
      }
      const { productId } = products[0]!;
      expect(await find(productId)).toMatchObject({ productId });
    }
  });

  it('is found by reading on to its row where the server gives no ranges', async () => {
    const { replica, find, tables } = await archive();
    const product = replica.volumes[1]!.products[2]!;
    replica.faults.add({ match: /INDEX\.TAB/, wholeForRange: true });
    expect(await find(product.productId)).toMatchObject({ productId: product.productId });
    expect(tables().map(({ headers }) => headers.range)).toEqual([
      expect.stringMatching(/^bytes=0-/),
      undefined,
    ]);
  });

  it.each(['M9999999999LC', 'M9999999999LE'])(
    'of %s, beyond the calendar of volumes, is missing',
    async (id) => {
      const { find } = await archive();
      await expect(find(id)).rejects.toMatchObject({
        name: 'MissingProductError',
        message: `${id} would be of the year 2294, of which the archive has no volume; check the id.`,
      });
    },
  );

  it('that lies in no released volume, or in none of their rows, is said to be missing in one sentence', async () => {
    const { replica, find } = await archive();
    await expect(find('M1600000000LC')).rejects.toMatchObject({
      name: 'MissingProductError',
      message: expect.stringMatching(
        /^M1600000000LC is of 2028-\d\d-\d\d, but neither volume LROLRC_10\S+ nor its neighbours \S+, \S+ are at http\S+; check the id and archive\.urls, or wait for the volume's release\.$/,
      ) as string,
    });
    const near = replica.volumes[1]!.products[0]!.productId;
    const none = `${near.slice(0, -3)}${near.at(-3) === '9' ? '8' : '9'}${near.slice(-2)}`;
    await expect(find(none)).rejects.toMatchObject({
      name: 'MissingProductError',
      message: expect.stringMatching(
        /has no row in the index of LROLRC_1067A, LROLRC_1066C at http\S+; check the id\.$/,
      ) as string,
    });
  });
});

describe('index rows in a file', () => {
  it('are real ones, chosen by the image, of either record length', async (context) => {
    if (!present('index/INDEX_901.TAB')) return context.skip('the real index rows are not at ../shared/data');
    const { dir } = await testSource(['http://127.0.0.1']);
    for (const [name, bytes] of [
      ['INDEX_901.TAB', 901],
      ['INDEX_902.TAB', 902],
    ] as const) {
      const data = readData(`index/${name}`);
      expect(data.length % bytes).toBe(0);
      const path = join(dir, name);
      await writeFile(path, data);
      const ids = [...data.toString('latin1').matchAll(/" ?(M\d+[LR][EC])"/g)].map(([, id]) => id!);
      for (const id of ids) {
        const product = await readIndexRow(path, id);
        expect(product).toMatchObject({ productId: id, samples: expect.any(Number) as number });
        expect(await readIndexRow(path, id.slice(0, -1))).toEqual(product);
        const twin = id.slice(0, -1) + (id.endsWith('C') ? 'E' : 'C');
        expect((await readIndexRow(path, twin)).imageId).toBe(id.slice(0, -1));
        const one = join(dir, 'row.txt');
        const at = ids.indexOf(id) * bytes;
        await writeFile(one, data.subarray(at, at + bytes - 2));
        expect(await readIndexRow(one, null)).toEqual(product);
      }
      await expect(readIndexRow(path, null)).rejects.toThrow(/holds 4 records .* tells no product id; give/);
      await expect(readIndexRow(path, 'M100000000LC')).rejects.toThrow(
        /no record of M100000000LC among its 4/,
      );
    }
  });

  it('are read by the label beside them', async () => {
    const replica = await testReplica();
    const { dir } = await testSource([replica.address]);
    const { table, label, products } = replica.volumes[0]!;
    await writeFile(join(dir, 'INDEX.TAB'), table.body);
    await writeFile(join(dir, 'INDEX.LBL'), label.body);
    for (const { productId } of products)
      expect(await readIndexRow(join(dir, 'INDEX.TAB'), productId)).toMatchObject({ productId });
    expect(parseIndexLabel((await readFile(join(dir, 'INDEX.LBL'))).toString(), '').recordBytes).toBe(902);
  });

  it.each([
    ['text', 'hello moon\n', /rows\.tab does not hold records of INDEX\.TAB \(901 or 902 bytes/],
    ['nothing', '', /rows\.tab does not hold records/],
  ])('are refused in one sentence where there is %s', async (_, text, message) => {
    const { dir } = await testSource(['http://127.0.0.1']);
    const path = join(dir, 'rows.tab');
    await writeFile(path, text);
    await expect(readIndexRow(path, null)).rejects.toThrow(message);
    await expect(readIndexRow(path, null)).rejects.toMatchObject({ name: 'UsageError' });
    await expect(readIndexRow(dir, null)).rejects.toThrow(/cannot be read; check the path given by --index/);
    await expect(readIndexRow(join(dir, 'none'), null)).rejects.toThrow(/cannot be read/);
  });
});

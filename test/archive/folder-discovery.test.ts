import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFileName, isPassing } from '../../src/archive/folder/file-name.js';
import { readIndexRow } from '../../src/archive/index/index-file.js';
import { testReplica } from '../replica/support.js';
import { lookOnce, mirror, tempFolder, testFolder, tinyTiff, type TestFolder } from './folder-support.js';
import { all, present, readData, testSource } from './support.js';

const ID = 'M124423514LC';

/** The archive's own record of an image, as a file with that record alone. */
function rowOf(id: string): Buffer {
  for (const length of [901, 902]) {
    const table = readData(`index/INDEX_${length}.TAB`);
    for (let at = 0; at < table.length; at += length) {
      const record = table.subarray(at, at + length);
      if (record.toString('latin1').includes(`${id}"`)) return record;
    }
  }
  throw new Error(`no record of ${id}`);
}

describe('files in a folder', () => {
  it.each([
    [
      'M124423514LC_pyr.tif',
      { kind: 'image', productId: 'M124423514LC', imageId: 'M124423514L', form: 'pyr' },
    ],
    [
      'm1271742202re.img',
      { kind: 'image', productId: 'M1271742202RE', imageId: 'M1271742202R', form: 'img' },
    ],
    ['M124423514LC.TIFF', { kind: 'image', productId: 'M124423514LC', imageId: 'M124423514L', form: 'tiff' }],
    ['M124423514LC_isd.json', { kind: 'isd', imageId: 'M124423514L' }],
    ['M124423514L.json', { kind: 'isd', imageId: 'M124423514L' }],
    ['M124423514LE.cub.isd.json', { kind: 'isd', imageId: 'M124423514L' }],
    ['M124423514LC.tab', { kind: 'table', imageId: 'M124423514L' }],
    ['INDEX.TAB', { kind: 'table', imageId: null }],
    ['CUMINDEX.TAB', null],
    ['M124423514MC.IMG', null],
    ['M124423514LC_pyr.IMG', null],
    ['M124423514LC_pyr.tif.aux.xml', null],
    ['notes.json', null],
  ])('%s is told by its name', (name, expected) => {
    expect(readFileName(name)).toEqual(expected);
  });

  it.each(['.M1.tif', '~M1.tif', 'M1.tif~', 'M1.tif.part', 'M1.tif.TMP', 'selenoscan-scan-12-ab'])(
    '%s is passed over',
    (name) => {
      expect(isPassing(name)).toBe(true);
    },
  );
});

describe('a mirror of the archive in a folder', () => {
  it('gives the products that the archive gives, from the index of its own volumes', async () => {
    const replica = await testReplica({ images: 6 });
    replica.release();
    const folder = await testFolder();
    await mirror(replica, folder.root);
    const look = await folder.look();
    const { source } = await testSource([replica.address]);
    const expected = new Map<string, object>();
    for (const { period } of replica.volumes) {
      const release = await source.volume(period.volumeId);
      for (const { product } of release === null ? [] : await all(release.products))
        expected.set(product.productId, product);
    }
    expect(expected.size).toBe(12);
    expect(look?.products.map(({ productId }) => productId).sort()).toEqual([...expected.keys()].sort());
    for (const product of look?.products ?? []) {
      expect(product).toEqual({
        ...expected.get(product.productId),
        fileSpecification: product.fileSpecification,
        rowHash: product.rowHash,
      });
      const path = join(folder.root, product.fileSpecification);
      expect(await readFile(path)).toEqual(await tinyTiff());
    }
    expect(look?.counts).toEqual({ records: 12, products: 12, passedOver: {}, invalid: {}, warnings: {} });
  });

  it('has nothing new when it is looked at again, by this process or another', async () => {
    const replica = await testReplica();
    const folder = await testFolder();
    await mirror(replica, folder.root);
    const look = await folder.look();
    expect(await folder.look(look?.state)).toBeNull();
    expect(await lookOnce(folder.again(), look?.state)).toBeNull();
  });

  it('announces what arrives later, with its volume', async () => {
    const replica = await testReplica();
    const folder = await testFolder();
    await mirror(replica, folder.root);
    const first = await folder.look();
    const volumeId = replica.release();
    await mirror(replica, folder.root);
    const second = await folder.look(first?.state);
    expect(second?.products.filter((product) => product.volumeId === volumeId)).toHaveLength(4);
    // What the mirror wrote anew is the same as before.
    const known = new Map(first?.products.map((product) => [product.productId, product]));
    for (const product of second?.products ?? [])
      if (product.volumeId !== volumeId) expect(product).toEqual(known.get(product.productId));
  });

  it('is not read where nothing changed: of a large one only the images of one group are', async () => {
    const inspected: string[] = [];
    const inspect = (path: string) => {
      inspected.push(path);
      return Promise.resolve({ lines: 128, samples: 96 });
    };
    const replica = await testReplica({ images: 2000 });
    const folder = await testFolder({ inspect });
    await mirror(replica, folder.root);
    const first = await folder.look();
    expect(first?.products).toHaveLength(2000);
    expect(inspected).toHaveLength(2000);
    inspected.length = 0;
    await utimes(join(folder.root, first?.products[7]?.fileSpecification ?? ''), 1e9, 1e9);
    await folder.look(first?.state);
    expect(inspected.length).toBeGreaterThan(0);
    expect(inspected.length).toBeLessThan(12);
    expect(JSON.stringify(first?.state).length).toBeLessThan(45_000);
  }, 60_000);
});

describe('an image in a folder', () => {
  const real = present('index/INDEX_901.TAB') ? it : it.skip;

  real('gets its facts from a row beside it, whatever file holds that row', async () => {
    for (const name of [`${ID}.TAB`, `${ID.toLowerCase()}_pyr.tab`, 'INDEX.TAB', 'rows.tab']) {
      const folder = await testFolder();
      await folder.put(`some/where/${ID}_pyr.tif`, await tinyTiff());
      const table = await folder.put(`some/where/${name}`, rowOf(ID));
      const [product] = (await folder.look())?.products ?? [];
      const row = await readIndexRow(table, ID);
      expect(product).toEqual({
        ...row,
        fileSpecification: `some/where/${ID}_pyr.tif`,
        rowHash: product?.rowHash,
      });
    }
  });

  real('finds its row in every real table of either record length', async () => {
    const folder = await testFolder();
    const ids = ['M124423514LC', 'M1299958135LC'];
    for (const length of [901, 902])
      await folder.put(`INDEX_${length}.TAB`, readData(`index/INDEX_${length}.TAB`));
    for (const id of ids) await folder.put(`${id}.tif`, await tinyTiff());
    const { products = [] } = (await folder.look()) ?? {};
    expect(products.map(({ productId }) => productId)).toEqual(ids);
    expect(products[0]).toMatchObject({
      incidenceDeg: 18,
      center: { lon: 22.05, lat: 19.51 },
      version: 'v1.9',
    });
    expect(products[1]).toMatchObject({
      center: { lon: 21.98, lat: 19 },
      volumeId: expect.stringMatching(/^LROLRC_10\d\d[ABC]$/) as string,
    });
  });

  real('takes rows without line ends, of a table still being copied, and of the other data set', async () => {
    const folder = await testFolder();
    await folder.put(`${ID}.tif`, await tinyTiff());
    await folder.put(`${ID}.tab`, rowOf(ID).toString('latin1').trimEnd());
    expect((await folder.look())?.products).toHaveLength(1);

    const cut = await testFolder();
    await cut.put('M124423514LE.IMG.tif', 'no image by its name');
    await cut.put('M124423514LC.tif', await tinyTiff());
    await cut.put('INDEX.TAB', Buffer.concat([rowOf(ID), rowOf('M1299958135LC').subarray(0, 500)]));
    const look = await cut.look();
    expect(look?.products).toHaveLength(1);
    expect(look?.counts.passedOver).toEqual({ 'no NAC id in the name': 1 });

    const other = await testFolder();
    await other.put('M124423514LE.tif', await tinyTiff());
    await other.put('INDEX.TAB', rowOf(ID));
    expect((await other.look())?.products[0]).toMatchObject({
      productId: 'M124423514LE',
      dataSetId: 'LRO-L-LROC-2-EDR-V1.0',
      incidenceDeg: 18,
    });
  });

  real('is one product in all its forms, the preferred one first', async () => {
    const files = [`DATA/2010087/NAC/${ID}.IMG`, `EXTRAS/BROWSE/2010087/${ID}_pyr.tif`, `${ID}.tif`];
    const choose = async (image: 'ptif' | 'img', names = files) => {
      const folder = await testFolder({ image, inspect: () => Promise.resolve({ lines: 2, samples: 2 }) });
      for (const name of names) await folder.put(name, await tinyTiff());
      await folder.put('INDEX/INDEX.TAB', rowOf(ID));
      const { products = [] } = (await folder.look()) ?? {};
      return products.map(({ fileSpecification }) => fileSpecification);
    };
    expect(await choose('ptif')).toEqual([files[1]]);
    expect(await choose('img')).toEqual([files[0]]);
    expect(await choose('ptif', [files[0] ?? ''])).toEqual([files[0]]);
    expect(await choose('ptif', ['M124423514LE_pyr.tif', `${ID}.IMG`])).toEqual([`${ID}.IMG`]);
  });

  real('without geometry is counted and named, and taken when its row arrives', async () => {
    const folder = await testFolder();
    await folder.put(`${ID}_pyr.tif`, await tinyTiff());
    const first = await folder.look();
    expect(first?.products).toEqual([]);
    expect(first?.counts.invalid).toEqual({ 'no geometry: put an INDEX row or an ISD beside it': 1 });
    expect(folder.problems).toEqual([
      `${ID}_pyr.tif has no geometry; put its INDEX row (${ID}.TAB) or its ISD (${ID}_isd.json) beside it.`,
    ]);
    expect(await folder.look(first?.state)).toBeNull();
    await folder.put(`${ID}.TAB`, rowOf(ID));
    expect((await folder.look(first?.state))?.products).toHaveLength(1);
  });

  real('is announced as another version when it or its geometry changes, and not otherwise', async () => {
    const folder = await testFolder();
    const hash = async () => (await folder.look())?.products[0]?.rowHash;
    const image = await folder.put(`${ID}_pyr.tif`, await tinyTiff());
    const table = await folder.put('INDEX.TAB', rowOf(ID));
    const before = await hash();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    // The same bytes, copied again later.
    await writeFile(image, await tinyTiff());
    await writeFile(table, Buffer.concat([rowOf(ID), rowOf('M1299958135LC')]));
    expect(await hash()).toBe(before);
    await folder.put(`${ID}_pyr.tif`, await tinyTiff(9));
    const replaced = await hash();
    expect(replaced).not.toBe(before);
    const row = rowOf(ID).toString('latin1').replace(' 18.00,', ' 18.01,');
    await folder.put('INDEX.TAB', row);
    const moved = await hash();
    expect(new Set([before, replaced, moved]).size).toBe(3);
    // A large file is told by size and time alone.
    const large = Buffer.concat([await tinyTiff(), Buffer.alloc(2 ** 21)]);
    await folder.put(`${ID}_pyr.tif`, large);
    const byTime = await hash();
    expect(await hash()).toBe(byTime);
    await utimes(image, 1e9, 1e9);
    expect(await hash()).not.toBe(byTime);
  });

  real('is not looked for in temp, hidden and linked folders, nor behind links that lead out', async () => {
    const folder = await testFolder();
    const outside = await tempFolder();
    await writeFile(join(outside, `${ID}.tif`), await tinyTiff());
    await folder.put('INDEX.TAB', rowOf(ID));
    for (const name of [`.cache/${ID}.tif`, `selenoscan-scan-1-x/${ID}.tif`, `${ID}.tif.part`, `.${ID}.tif`])
      await folder.put(name, await tinyTiff());
    await symlink(outside, join(folder.root, 'elsewhere'));
    await symlink(join(outside, `${ID}.tif`), join(folder.root, `${ID}.tif`));
    await mkdir(join(folder.root, 'loop'));
    await symlink(folder.root, join(folder.root, 'loop', 'again'));
    expect(await folder.look()).toBeNull();
    await folder.put('real/image.bin', await tinyTiff());
    await rm(join(folder.root, `${ID}.tif`));
    await symlink(join(folder.root, 'real/image.bin'), join(folder.root, `${ID}.tif`));
    expect((await folder.look())?.products).toHaveLength(1);
  });
});

describe('checking a folder', () => {
  const real = present('index/INDEX_901.TAB') ? it : it.skip;
  const check = (folder: TestFolder) => folder.source.check();

  real('says in one line how many images there are and how many can be placed', async () => {
    const folder = await testFolder();
    expect(await check(folder)).toBe(`folder ${folder.root}: no NAC images yet`);
    await folder.put(`${ID}.tif`, await tinyTiff());
    await folder.put('INDEX.TAB', rowOf(ID));
    expect(await check(folder)).toBe(`folder ${folder.root}: 1 image, all with geometry`);
    await folder.put('M1299958135LC.tif', await tinyTiff());
    expect(await check(folder)).toBe(
      `folder ${folder.root}: 2 images, 1 with geometry; 1 wait for an INDEX row or an ISD beside them`,
    );
    await folder.put('M1299958135LC_isd.json', '{}');
    expect(await check(folder)).toBe(`folder ${folder.root}: 2 images, all with geometry`);
  });

  it('names what is wrong with the folder', async () => {
    const folder = await testFolder();
    await expect(folder.again({ folder: join(folder.root, 'no') }).check()).rejects.toThrow(
      `There is no folder ${join(folder.root, 'no')}; check archive.folder and whether its disk is mounted.`,
    );
    const file = await folder.put('file', 'x');
    await expect(folder.again({ folder: file }).check()).rejects.toThrow(
      `${file} is not a folder; set archive.folder to one with images.`,
    );
    expect(() => folder.again({ folder: '' })).toThrow(
      'archive.source is folder, but archive.folder names none; set it to a path.',
    );
  });
});

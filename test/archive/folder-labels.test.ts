import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImageLabel } from '../../src/archive/folder/image-label.js';
import { writeCdr } from '../../src/simulation/write-cdr.js';
import { writeEdr } from '../../src/simulation/write-edr.js';
import { passIsd } from '../geo/isd-support.js';
import { fakeScene, PRODUCT, wildRadiance } from '../simulation/fake-scene.js';
import { tempFolder, testFolder } from './folder-support.js';
import { present, readData } from './support.js';

const EDR = 'M1334567890LE';
const CDR = 'M1334567890LC';

const isd = JSON.stringify(
  passIsd({
    center: { lon: 10, lat: 5 },
    headingDeg: 180,
    mirrored: false,
    lines: 64,
    alongM: 1,
    altitudeM: 100_000,
    summing: 2,
    subSolar: { lon: 40, lat: 0 },
  }),
);

describe('an .IMG in a folder', () => {
  it.each([
    ['raw', EDR, writeEdr],
    ['calibrated', CDR, writeCdr],
  ])('that is %s is taken once the file holds all that its label describes', async (_, productId, write) => {
    const folder = await testFolder();
    const made = join(await tempFolder(), `${productId}.IMG`);
    await write(made, fakeScene(2532, 64, wildRadiance), { ...PRODUCT, productId });
    const bytes = await readFile(made);
    await folder.put(`DATA/${productId}.json`, isd);
    await folder.put(`DATA/${productId}.IMG`, bytes.subarray(0, bytes.length - 1));
    const first = await folder.look();
    expect(first?.counts.invalid).toEqual({ 'not a whole image': 1 });
    expect(folder.problems[0]).toContain(`${productId}.IMG is truncated`);
    const path = await folder.put(`DATA/${productId}.IMG`, bytes);
    const [product] = (await folder.look(first?.state))?.products ?? [];
    const { startTime, stopTime, orbit, version } = await readImageLabel(path);
    expect(product).toMatchObject({
      productId,
      lines: 64,
      samples: 2532,
      orbit,
      version,
      startTime,
      stopTime,
    });
    expect(orbit).toBe(PRODUCT.orbit);
    expect(startTime).toEqual(PRODUCT.startTime);
    expect(version).toMatch(/^v\d/);
    const image = await folder.source.fetchImage(product!, folder.root);
    expect(image).toMatchObject({ bytes: bytes.length, isd: join(dirname(path), `${productId}.json`) });
  });

  it('with its detached label is opened once its bytes are what that label says', async () => {
    const folder = await testFolder();
    const made = join(await tempFolder(), `${CDR}.IMG`);
    await writeCdr(made, fakeScene(2532, 64, wildRadiance), { ...PRODUCT, productId: CDR });
    await folder.put(`${CDR}.json`, isd);
    const path = await folder.put(`${CDR}.IMG`, await readFile(made));
    await copyFile(made.replace('.IMG', '.xml'), path.replace('.IMG', '.xml'));
    const [product] = (await folder.look())?.products ?? [];
    const { bytes, md5 } = await readImageLabel(path);
    const image = await folder.source.fetchImage(product!, folder.root);
    const content = await readFile(path);
    expect(image.bytes).toBe(content.length);
    expect({ bytes, md5 }).toEqual({
      bytes: content.length,
      md5: createHash('md5').update(content).digest('hex'),
    });
  });
});

describe('labels beside an image', () => {
  const real = (path: string) => (present(path) ? it : it.skip);

  real('labels/nac.m1402237470lc_browse_ptif.xml')(
    'of a real browse image tell its size and MD5',
    async () => {
      const folder = await testFolder();
      const path = await folder.put('M1402237470LC_pyr.tif', '');
      await folder.put('M1402237470LC_pyr.xml', readData('labels/nac.m1402237470lc_browse_ptif.xml'));
      expect(await readImageLabel(path)).toMatchObject({
        bytes: 37_480_731,
        md5: 'e839eb0bdfc79efb2c86aa9cc13c9560',
        version: null,
        startTime: null,
      });
    },
  );

  real('labels/nac.m1271742202lc_cdr.xml')(
    'of a real calibrated product tell its times, version and orbit',
    async () => {
      const folder = await testFolder();
      // Beside the browse image, whose size it does not tell.
      const path = await folder.put('M1271742202LC_pyr.tif', '');
      await folder.put('M1271742202LC.xml', readData('labels/nac.m1271742202lc_cdr.xml'));
      expect(await readImageLabel(path)).toEqual({
        bytes: null,
        md5: null,
        version: 'v1.9',
        startTime: new Date('2018-01-28T01:28:54.845Z'),
        stopTime: new Date('2018-01-28T01:29:27.328Z'),
        orbit: 38_731,
      });
      const img = await folder.put('M1271742202LC.IMG', '');
      expect((await readImageLabel(img)).bytes).toBe(528_929_736);
    },
  );

  it('that are damaged, of another file, or none, say nothing', async () => {
    const folder = await testFolder();
    const path = await folder.put('M1402237470LC_pyr.tif', '');
    const silent = { bytes: null, md5: null, version: null, startTime: null, stopTime: null, orbit: NaN };
    for (const text of [
      '',
      '<Product_Browse><File>',
      '<a><File><file_name>other.tif</file_name><file_size>7</file_size></File></a>',
      '\u0000\u0001',
    ]) {
      await folder.put('M1402237470LC_pyr.xml', text);
      await folder.put('M1402237470LC.lbl', text);
      expect(await readImageLabel(path)).toEqual(silent);
    }
  });
});

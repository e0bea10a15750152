import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFile } from '../../src/raster/byte-source.js';
import { decompandTable } from '../../src/raster/img/compand.js';
import { findLayout } from '../../src/raster/img/find-layout.js';
import { imgSource } from '../../src/raster/img/img-source.js';
import { sampleDecoder } from '../../src/raster/img/sample-decoder.js';
import { labelsBeside } from '../../src/domain/label-files.js';
import { COMPANDINGS } from '../../src/simulation/companding.js';
import { writeCdr } from '../../src/simulation/write-cdr.js';
import { writeEdr } from '../../src/simulation/write-edr.js';
import { fakeScene, PRODUCT, wildRadiance } from '../simulation/fake-scene.js';
import { describeWithGdal, gdalInfo, samplesByGdal } from '../support/gdal.js';
import { REAL_DATA } from './images.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-img-gdal-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All samples by this room's reader, before any stretch. */
async function numbers(path: string): Promise<Float32Array> {
  const bytes = await openFile(path);
  try {
    const { layout } = await findLayout(bytes, await labelsBeside(path));
    const source = imgSource(bytes, layout, sampleDecoder(layout), '');
    return await source.numbers(0, 0, layout.width, layout.height);
  } finally {
    await bytes.close();
  }
}

/** What stored I/F samples mean, spelled out once more. */
function iof(stored: Buffer): Float32Array {
  const meaning = new Map([
    [-32768, NaN],
    [-32767, -Infinity],
    [-32766, -Infinity],
    [-32765, Infinity],
    [-32764, Infinity],
  ]);
  return Float32Array.from({ length: stored.length / 2 }, (_, i) => {
    const dn = stored.readInt16LE(2 * i);
    return meaning.get(dn) ?? dn * 3.05185094759972e-5;
  });
}

const sizes = fc.record({
  width: fc.integer({ min: 1, max: 700 }),
  height: fc.integer({ min: 1, max: 90 }),
  lost: fc.record({ x: fc.nat(500), y: fc.nat(60), width: fc.nat(600), height: fc.nat(20) }),
});

describeWithGdal('beside GDAL', () => {
  it('raw products are read sample by sample alike', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.constantFrom(0 as const, 3 as const),
        async ({ width, height, lost }, code) => {
          const path = join(folder, 'M1334567890LE.IMG');
          const companding = COMPANDINGS[code];
          const product = { ...PRODUCT, companding, lost: [lost] };
          await writeEdr(path, fakeScene(width, height, wildRadiance), product);
          const table = decompandTable(companding);
          const codes = await samplesByGdal(path);
          expect(codes).toHaveLength(width * height);
          const expected = Float32Array.from(codes, (stored) => (stored === 0 ? NaN : table[stored]!));
          expect(await numbers(path)).toEqual(expected);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('calibrated products are read alike by both of their labels', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ width, height, lost }) => {
        const path = join(folder, 'M1334567890LC.IMG');
        const product = { ...PRODUCT, productId: 'M1334567890LC', lost: [lost] };
        await writeCdr(path, fakeScene(width, height, wildRadiance), product);
        const byPds3 = await samplesByGdal(path);
        const byPds4 = await samplesByGdal(path.replace('.IMG', '.xml'));
        expect(byPds3).toHaveLength(2 * width * height);
        expect(Buffer.compare(byPds3, byPds4)).toBe(0);
        expect(await numbers(path)).toEqual(iof(byPds3));
      }),
      { numRuns: 6 },
    );
  });

  it('the label of a calibrated product says scale and missing value', async () => {
    const path = join(folder, 'M1334567891LC.IMG');
    await writeCdr(path, fakeScene(300, 40, wildRadiance), PRODUCT);
    const info = await gdalInfo(path.replace('.IMG', '.xml'));
    expect(info).toMatchObject({
      driverShortName: 'PDS4',
      size: [300, 40],
      bands: [
        {
          type: 'Int16',
          noDataValue: -32768,
          scale: expect.closeTo(3.05185094759972e-5, 12) as number,
          unit: 'Scaled I/F',
        },
      ],
    });
    expect(await gdalInfo(path)).toMatchObject({
      driverShortName: 'PDS',
      size: [300, 40],
      metadata: { '': { PRODUCT_TYPE: 'CDR', TARGET_NAME: '"MOON"' } },
    });
  });

  const real = join(REAL_DATA, 'labels/nacl.img');
  it.skipIf(!existsSync(real))(
    'the real product whose pointer is wrong is read 13 bytes further on than GDAL believes',
    async () => {
      const path = join(folder, 'nacl.img');
      await copyFile(real, path);
      const believed = await samplesByGdal(path);
      const table = decompandTable(COMPANDINGS[0]);
      const shifted = Float32Array.from(believed.subarray(13), (stored) => table[stored]!);
      expect(believed.subarray(0, 13).toString('latin1')).toMatch(/IMAGE\nEND\n$/);
      expect((await numbers(path)).subarray(0, shifted.length)).toEqual(shifted);
    },
  );
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../src/domain/product.js';
import { openDem } from '../../src/geo/dem.js';
import { createIsdModel } from '../../src/geo/isd-model.js';
import { groundOf } from '../../src/pipeline/product-ground.js';
import { testFolder } from '../archive/support.js';
import { degreesDem, writeDem } from '../geo/dem-support.js';
import { passIsd, passSize, type Pass } from '../geo/isd-support.js';

const pass: Pass = {
  center: { lon: 30, lat: 10 },
  headingDeg: 185,
  mirrored: false,
  lines: 8192,
  alongM: 1.5,
  altitudeM: 120_000,
  summing: 1,
  subSolar: { lon: 80, lat: 1 },
};
const size = passSize(pass);
const info = { ...size, format: 'TIFF', exactNulls: false };
const camera = createIsdModel(passIsd(pass), size);
const at = (sample: number, line: number) => {
  const { lon, lat } = camera.locate({ sample, line }, 0);
  return { lon, lat };
};
const product = {
  productId: 'M1271742202LC',
  imageId: 'M1271742202L',
  lines: size.height,
  samples: size.width,
  center: pass.center,
  corners: {
    upperLeft: at(0.5, 0.5),
    upperRight: at(size.width - 0.5, 0.5),
    lowerRight: at(size.width - 0.5, size.height - 0.5),
    lowerLeft: at(0.5, size.height - 0.5),
  },
  subSolar: pass.subSolar,
  emissionDeg: 1.2,
  incidenceDeg: 50,
} as Product;

async function isdFile(content: unknown): Promise<string> {
  const path = join(await testFolder(), 'isd.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const middle = { sample: 2532, line: 4096 };
const elsewhere = passIsd({ ...pass, center: { lon: -60, lat: -20 } });

describe('the ground of a product', () => {
  it('is its camera where that came with the image, and its corners where none did', async () => {
    const isd = await isdFile(passIsd(pass));
    expect((await groundOf(product, { isd }, info, {})).model.kind).toBe('isd');
    const { model, subSolar } = await groundOf(product, { isd: null }, info, {});
    expect(model.kind).toBe('corners');
    expect(subSolar).toEqual(pass.subSolar);
  });

  it.each([
    ['is no JSON', '{"half', /is not valid JSON/],
    ['is of another kind', { name_model: 'USGS_ASTRO_FRAME_SENSOR_MODEL' }, /isd\.json: /],
    ['is of another image', elsewhere, /km from where its index row has it/],
  ])(
    'is its corners where a camera model from elsewhere %s, and says why',
    async (_name, content, sentence) => {
      const isd = await isdFile(content);
      const reasons: string[] = [];
      const tools = { onRefusedIsd: (id: string, reason: string) => void reasons.push(`${id} ${reason}`) };
      const { model } = await groundOf(product, { isd, isdOptional: true }, info, tools);
      expect(model.kind).toBe('corners');
      expect(reasons).toEqual([expect.stringMatching(/^M1271742202LC /)]);
      expect(reasons[0]).toMatch(sentence);
      // One that lies beside the image was put there for it, and is to be put right.
      await expect(groundOf(product, { isd }, info, tools)).rejects.toMatchObject({
        name: 'InvalidProductError',
        code: 'isd',
      });
    },
  );

  it('is on terrain where the DEM has it, and names that', async () => {
    const height = 3000;
    const near = await openDem(writeDem(degreesDem([29, 9, 31, 11], 0.01, () => height)), {
      sigmaM: 10,
      scale: 1,
    });
    const far = await openDem(writeDem(degreesDem([99, 9, 101, 11], 0.01, () => height)), {
      sigmaM: 10,
      scale: 1,
    });
    const isd = await isdFile(passIsd(pass));
    const kind = async (dem: typeof near, path: string | null) =>
      (await groundOf(product, { isd: path }, info, { dem })).model.kind;
    expect(await kind(near, isd)).toBe('isd+dem');
    expect(await kind(near, null)).toBe('corners+dem');
    expect(await kind(far, isd)).toBe('isd');
    expect(await kind(far, null)).toBe('corners');
    const { model } = await groundOf(product, { isd }, info, { dem: near });
    expect(model.locate({ ...middle, sample: 0.5 }).uncertaintyM).toBeLessThan(25);
    expect(camera.locate({ ...middle, sample: 0.5 }).uncertaintyM).toBeGreaterThan(100);
    await Promise.all([near.close(), far.close()]);
  });
});

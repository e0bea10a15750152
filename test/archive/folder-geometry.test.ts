import { describe, expect, it } from 'vitest';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { sunAzimuthDeg } from '../../src/geo/sphere.js';
import { passIsd, passPlace, type Pass } from '../geo/isd-support.js';
import { TRUTH_PATH, distanceM, readTruth } from '../geo/support.js';
import { testFolder, tinyTiff } from './folder-support.js';
import { present, readData } from './support.js';

const ID = 'M124423514LC';
const ISD_PATH = 'geometry/M103595705LE_isd.json';

const pass: Pass = {
  center: { lon: 170, lat: -35 },
  headingDeg: 185,
  mirrored: false,
  lines: 2048,
  alongM: 1.2,
  altitudeM: 90_000,
  summing: 1,
  subSolar: { lon: 130, lat: 1 },
};

const sized = (lines: number) => ({ inspect: () => Promise.resolve({ lines, samples: 5064 }) });

describe('an image with a camera model alone', () => {
  it('is placed and lit as the camera model says', async () => {
    const folder = await testFolder(sized(pass.lines));
    await folder.put(`LROLRC_1003/${ID}_pyr.tif`, await tinyTiff());
    await folder.put(`LROLRC_1003/${ID}_isd.json`, JSON.stringify(passIsd(pass)));
    const [product] = (await folder.look())?.products ?? [];
    if (product === undefined) throw new Error('no product');
    const { center, corners, subSolar } = product;
    const truth = (sample: number, line: number) => passPlace(pass, { sample, line });
    expect(distanceM(center, pass.center)).toBeLessThan(1);
    expect(distanceM(corners.upperLeft, truth(0.5, 0.5))).toBeLessThan(1);
    expect(distanceM(corners.upperRight, truth(5063.5, 0.5))).toBeLessThan(1);
    expect(distanceM(corners.lowerRight, truth(5063.5, 2047.5))).toBeLessThan(1);
    expect(distanceM(corners.lowerLeft, truth(0.5, 2047.5))).toBeLessThan(1);
    expect(distanceM(subSolar, pass.subSolar)).toBeLessThan(10);
    // By spherical trigonometry; the Sun is so far that its parallax is 0.01 degree.
    const zenith = distanceM(pass.center, pass.subSolar) / 1_737_400 / (Math.PI / 180);
    expect(product.incidenceDeg).toBeCloseTo(zenith, 0);
    expect(product.emissionDeg).toBeLessThan(0.01);
    expect(product.phaseDeg).toBeCloseTo(product.incidenceDeg, 1);
    expect(product.pixelHeightM).toBeCloseTo(1.2, 3);
    expect(product.spacecraftAltitudeKm).toBeCloseTo(90, 3);
    expect(product).toMatchObject({
      productId: ID,
      version: 'unknown',
      volumeId: 'LROLRC_1003',
      frame: 'LEFT',
      lines: 2048,
      samples: 5064,
      orbit: NaN,
      dataQuality: NaN,
    });
    const towardsSun = createCornerModel({
      ...product,
      cornerRoundingDeg: 0,
    }).towardsSun({ sample: 2532, line: 1024 });
    const azimuth = sunAzimuthDeg(pass.center, pass.subSolar);
    expect(azimuth).toBeGreaterThan(270);
    // Lines run south and samples east: the Sun in the north-west is up and to the left.
    expect(towardsSun.x).toBeLessThan(0);
    expect(towardsSun.y).toBeLessThan(0);
  });

  const real = present(ISD_PATH) && present(TRUTH_PATH) && present('labels/M103595705LE_EDR_pds3.lbl');
  (real ? it : it.skip)('of a real one has the corners of the truth and the times of the label', async () => {
    const { corners } = readTruth();
    const place = async (withLabel: boolean) => {
      const folder = await testFolder(sized(52_224));
      await folder.put('M103595705LE.tif', await tinyTiff());
      await folder.put('M103595705LE.json', readData(ISD_PATH));
      if (withLabel) await folder.put('M103595705LE.lbl', readData('labels/M103595705LE_EDR_pds3.lbl'));
      const [product] = (await folder.look())?.products ?? [];
      if (product === undefined) throw new Error('no product');
      return product;
    };
    const [alone, labelled] = [await place(false), await place(true)];
    for (const name of ['upperLeft', 'upperRight', 'lowerRight', 'lowerLeft'] as const)
      expect(distanceM(alone.corners[name], corners[name])).toBeLessThan(0.01);
    expect(labelled).toMatchObject({
      version: 'v1.8',
      orbit: 433,
      startTime: new Date('2009-07-30T12:20:38.185Z'),
      stopTime: new Date('2009-07-30T12:21:32.155Z'),
    });
    // The label rounds to milliseconds and counts from the middle of its clock's ticks.
    expect(Math.abs(alone.startTime.getTime() - labelled.startTime.getTime())).toBeLessThan(5);
    expect(Math.abs(alone.stopTime.getTime() - labelled.stopTime.getTime())).toBeLessThan(5);
  });

  it('that is no camera model, or one of another body, is counted and named', async () => {
    const folder = await testFolder(sized(2048));
    await folder.put(`${ID}.tif`, await tinyTiff());
    const isd = await folder.put(`${ID}_isd.json`, '{"name_model": ');
    const look = await folder.look();
    expect(look?.products).toEqual([]);
    expect(look?.counts.invalid).toEqual({ 'unusable ISD': 1 });
    await folder.put(`${ID}_isd.json`, JSON.stringify({ ...passIsd(pass), radii: undefined }));
    await folder.look(look?.state);
    expect(folder.problems).toEqual([
      `${ID}_isd.json: the camera model (ISD) is not valid JSON; put the one that ALE wrote there.`,
      `${ID}_isd.json: In the camera model (ISD), radii is missing; give the one that ALE or ISIS writes for this image.`,
    ]);
    expect(isd).toContain(folder.root);
  });
});

describe('an image with both', () => {
  const real = present('index/INDEX_901.TAB') ? it : it.skip;

  real('has the facts of its row, and is another version when its camera model changes', async () => {
    const folder = await testFolder(sized(52_224));
    await folder.put(`${ID}.tif`, await tinyTiff());
    await folder.put('INDEX.TAB', readData('index/INDEX_901.TAB'));
    const [alone] = (await folder.look())?.products ?? [];
    await folder.put(`${ID}.json`, JSON.stringify(passIsd(pass)));
    const [both] = (await folder.look())?.products ?? [];
    expect(both).toEqual({ ...alone, rowHash: both?.rowHash });
    expect(both?.rowHash).not.toBe(alone?.rowHash);
    await folder.put(`${ID}_isd.json`, JSON.stringify(passIsd({ ...pass, altitudeM: 91_000 })));
    const [again] = (await folder.look())?.products ?? [];
    expect(again?.rowHash).not.toBe(both?.rowHash);
  });

  real('is placed by the camera model where its row is unusable', async () => {
    const folder = await testFolder(sized(2048));
    await folder.put(`${ID}.tif`, await tinyTiff());
    const row = readData('index/INDEX_901.TAB')
      .toString('latin1')
      .replace(' 19.51, 22.05,', ' 99.99,999.99,');
    await folder.put('INDEX.TAB', row);
    const look = await folder.look();
    expect(look?.counts.invalid).toEqual({ 'unusable INDEX row': 1 });
    expect(folder.problems[0]).toBe(
      `The INDEX row of ${ID}.tif cannot be relied on (its index row gives no usable CENTER_LONGITUDE and 1 more column, so the image cannot be placed); put an ISD beside the image.`,
    );
    await folder.put(`${ID}.json`, JSON.stringify(passIsd(pass)));
    expect((await folder.look())?.products[0]?.version).toBe('unknown');
  });
});

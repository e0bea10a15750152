import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { writeArrayBuffer } from 'geotiff';
import { expect, test } from 'vitest';
import { listImages } from '../../src/training/image-files.js';
import { readTrainingImages } from '../../src/training/images.js';
import { readSunDirections } from '../../src/training/sun-directions.js';
import { cutTiles } from '../../src/training/tiles.js';
import { temporaryFolder } from './support.js';

const folder = temporaryFolder();
const other = temporaryFolder();
const grey = (value: number) =>
  sharp({ create: { width: 80, height: 70, channels: 3, background: { r: value, g: value, b: value } } });
await grey(40).png().toFile(path.join(folder, 'b.png'));
await grey(90).toColourspace('b-w').tiff().toFile(path.join(folder, 'a.tif'));
writeFileSync(path.join(folder, 'notes.txt'), 'not an image');

test('PNG and TIFF are read in order of their names, in the channels asked for', async () => {
  const images = await readTrainingImages([folder], 1);
  expect(images.map(({ name, width, height, channels }) => [name, width, height, channels])).toEqual([
    ['a.tif', 80, 70, 1],
    ['b.png', 80, 70, 1],
  ]);
  expect(images.map(({ pixels }) => [pixels.length, pixels[0]])).toEqual([
    [5600, 90],
    [5600, 40],
  ]);
  const [colour] = await readTrainingImages([folder], 3, ['b.png']);
  expect([colour?.name, colour?.pixels.length]).toEqual(['a.tif', 3 * 5600]);
});

test('images can be left out by a part of their name, and none left is an error', async () => {
  expect(await readTrainingImages([folder], 1, ['a.'])).toHaveLength(1);
  await expect(readTrainingImages([folder], 1, ['a.', 'b.'])).rejects.toThrow(
    /There is no PNG, TIFF or .IMG image left to train on in/,
  );
});

test('a folder that is not there is named', async () => {
  await expect(readTrainingImages([path.join(folder, 'gone')], 1)).rejects.toThrow(
    /There is no folder or file .*gone: name one/,
  );
});

test('images are named themselves or by their folder, each once, and what is none is refused', async () => {
  const files = await listImages([path.join(folder, 'b.png'), folder]);
  expect(files.map(({ name }) => name)).toEqual(['b.png', 'a.tif']);
  await expect(listImages([path.join(folder, 'notes.txt')])).rejects.toThrow(
    /notes\.txt is not named as a PNG, TIFF or .IMG image/,
  );
});

test('an image that cannot be read is refused by name', async () => {
  writeFileSync(path.join(other, 'broken.tif'), 'not an image');
  await expect(readTrainingImages([other], 1)).rejects.toThrow(/broken\.tif is of an unknown format/);
});

test('samples wider than 8 bits become grey levels as in a scan, and tiles without data are left out', async () => {
  const wide = temporaryFolder();
  const values = Float32Array.from({ length: 256 * 70 }, (_, i) => (i < 10 ? NaN : 0.02 + (i % 256) / 1000));
  writeFileSync(
    path.join(wide, 'wide.tif'),
    Buffer.from(writeArrayBuffer(values, { width: 256, height: 70, GeographicTypeGeoKey: 32767 })),
  );
  const [image] = await readTrainingImages([wide], 3);
  expect(image).toMatchObject({ width: 256, height: 70, channels: 3, exactNulls: true });
  expect([...image!.pixels.subarray(27, 36)]).toEqual([0, 0, 0, 8, 8, 8, 8, 8, 8]);
  expect(cutTiles(image!, 64).map(({ x }) => x)).toEqual([64, 128, 192]);
});

test('Sun directions are degrees by file name', async () => {
  const file = path.join(folder, 'sun.json');
  writeFileSync(file, '{"a.tif": 279}');
  expect([...(await readSunDirections(file))]).toEqual([['a.tif', 279]]);
  writeFileSync(file, '{"a.tif": "west"}');
  await expect(readSunDirections(file)).rejects.toThrow(
    /The Sun direction of a\.tif in .* is not a number of degrees/,
  );
});

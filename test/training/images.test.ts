import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readTrainingImages } from '../../src/training/images.js';
import { readSunDirections } from '../../src/training/sun-directions.js';
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
    /There is no PNG or TIFF image left to train on in/,
  );
});

test('a folder that is not there is named', async () => {
  await expect(readTrainingImages([path.join(folder, 'gone')], 1)).rejects.toThrow(
    /There is no folder .*gone: name one/,
  );
});

test('pixels of another depth are refused by name', async () => {
  await grey(40).toColourspace('rgb16').png().toFile(path.join(other, 'deep.png'));
  await expect(readTrainingImages([other], 1)).rejects.toThrow(
    /deep\.png does not hold 8-bit pixels but ushort: convert it/,
  );
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

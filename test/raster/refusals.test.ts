import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { writeArrayBuffer } from 'geotiff';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidProductError } from '../../src/domain/errors.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { texture } from './images.js';

let folder: string;
let ptif: Buffer;
let png: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-refusals-'));
  const path = join(folder, 'good.tif');
  await writePtif(path, { width: 600, height: 700 }, (line, lines) => texture(600, lines, line));
  ptif = await readFile(path);
  png = await grey(80, 60).png().toBuffer();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function grey(width: number, height: number): Sharp {
  const data = texture(width, height);
  return sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
}

/** Where the directory of a big-endian TIFF describes a tag. */
function entryOf(tiff: Buffer, tag: number): number {
  const directory = tiff.readUInt32BE(4);
  const entries = Array.from({ length: tiff.readUInt16BE(directory) }, (_, i) => directory + 2 + 12 * i);
  return entries.find((at) => tiff.readUInt16BE(at) === tag) ?? NaN;
}

async function put(name: string, data: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, data);
  return path;
}

/** Opens and reads everything; resolves with what was thrown. */
async function refusal(path: string): Promise<InvalidProductError> {
  try {
    const image = await openRaster(path);
    try {
      const { height } = image.info;
      for await (const strip of image.strips([{ firstLine: 0, lines: height }])) void strip;
    } finally {
      await image.close();
    }
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidProductError);
    return error as InvalidProductError;
  }
  throw new Error(`${path} was read.`);
}

const PDS4_LABEL =
  '<?xml version="1.0"?>\n<Product_Browse><File><file_name>M1LC_pyr.tif</file_name></File></Product_Browse>';
const S3_ERROR = '<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>';

describe('a file that is no image is refused with one sentence', () => {
  it.each([
    ['nothing at all', 'empty', '', /is empty; fetch the file again/],
    [
      'an HTML page',
      'html',
      '<!DOCTYPE html><html><body>404</body></html>',
      /HTML page in place of an image/,
    ],
    ['XHTML', 'html', '<?xml version="1.0"?><html></html>', /HTML page/],
    ['an error of an object store', 'xml', S3_ERROR, /server's error answer \(NoSuchKey\)/],
    ['another XML document', 'xml', '<note/>', /XML document in place of an image/],
    ['a PDS4 label', 'label', PDS4_LABEL, /PDS4 label; give the image that it describes, M1LC_pyr.tif/],
    [
      'a PDS3 label',
      'label',
      'PDS_VERSION_ID = PDS3\r\n^IMAGE = "X.IMG"\r\nEND\r\n',
      /is a PDS3 label; give the image that it describes, X\.IMG/,
    ],
    ['an ISIS cube', 'unknown_format', 'Object = IsisCube\n', /ISIS cube; convert it/],
    [
      'a JPEG',
      'unknown_format',
      new Uint8Array([0xff, 0xd8, 0xff, 0xe0]),
      /is a JPEG; give a TIFF, a PNG or an .IMG/,
    ],
    ['zeros', 'undecodable', new Uint8Array(100), /holds zeros/],
    ['text', 'unknown_format', 'lunar', /of an unknown format/],
    ['the first bytes of a TIFF', 'truncated', 'II*\0', /truncated/],
    ['a TIFF without a directory', 'truncated', Buffer.from('49492a0008000000', 'hex'), /truncated/],
    [
      'a TIFF whose directory points nowhere',
      'truncated',
      Buffer.from('49492a00ffffff7f', 'hex'),
      /truncated/,
    ],
  ])('%s', async (name, code, data, sentence) => {
    const error = await refusal(await put(`${name}.tif`, data));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain(`${name}.tif`);
    expect(error.message).not.toMatch(/\n/);
  });

  it('a path where nothing lies, or a folder', async () => {
    expect(await refusal(join(folder, 'none.tif'))).toMatchObject({ code: 'not_found' });
    await mkdir(join(folder, 'folder.tif'));
    expect(await refusal(join(folder, 'folder.tif'))).toMatchObject({ code: 'unreadable' });
  });

  it('a file that cannot be opened though it is there', async () => {
    const path = join(folder, 'loop.tif');
    await symlink('loop.tif', path);
    expect(await refusal(path)).toMatchObject({ code: 'unreadable' });
  });
});

describe('a damaged image', () => {
  it('is refused when it is opened, wherever it was cut off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: ptif.length - 1 }), async (length) => {
        const path = await put('cut.tif', ptif.subarray(0, length));
        await expect(openRaster(path)).rejects.toMatchObject({
          code: length < 4 ? 'unknown_format' : 'truncated',
        });
      }),
      { numRuns: 60, examples: [[ptif.length - 1], [ptif.length - 300]] },
    );
  });

  it('that is a PNG is refused wherever it was cut off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 8, max: png.length - 1 }), async (length) => {
        const path = await put('cut.png', png.subarray(0, length));
        await expect(openRaster(path)).rejects.toMatchObject({ code: 'truncated' });
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['cut short', (tile: Buffer) => tile.fill(0x55, tile.length / 2)],
    ['of zeros', (tile: Buffer) => tile.fill(0)],
    [
      'of another size',
      (tile: Buffer) => tile.fill(64, tile.indexOf('ffc0', 0, 'hex') + 5, tile.indexOf('ffc0', 0, 'hex') + 6),
    ],
  ])('with a tile %s is refused when the tile is read, naming its place', async (_, damage) => {
    const bad = Buffer.from(ptif);
    // libvips writes the first row's tiles behind the header, the last of its three first.
    const start = bad.indexOf('ffd8ff', 8, 'hex');
    damage(bad.subarray(start, bad.indexOf('ffd9', start, 'hex') + 2));
    const error = await refusal(await put('tile.tif', bad));
    expect(error.code).toBe('undecodable');
    expect(error.message).toMatch(/its block at line 0, sample \d+ is .*; fetch the file again\.$/);
  });

  it('gives pixels or a refusal, never another error, whatever bytes are wrong', async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('tif', 'png'),
        flips,
        fc.boolean(),
        async (kind, changes, inDirectory) => {
          const bytes = Buffer.from(kind === 'tif' ? ptif : png);
          const directory = kind === 'tif' ? bytes.readUInt32LE(4) : 8;
          const span = Math.min(200, bytes.length - directory);
          for (const [at, value] of changes) {
            bytes[inDirectory ? directory + (at % span) : at % bytes.length] = value;
          }
          const path = await put(`wrong.${kind}`, bytes);
          try {
            const image = await openRaster(path);
            const { width, height } = image.info;
            try {
              await image.window(0, 0, Math.min(width, 700), Math.min(height, 700));
            } finally {
              await image.close();
            }
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidProductError);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('an image of a kind that is not read', () => {
  it('is refused by its samples, saying how to convert it', async () => {
    const twelve = Buffer.from(writeArrayBuffer(new Uint8Array(400), { width: 20, height: 20 }));
    twelve.writeUInt16BE(12, entryOf(twelve, 258) + 8);
    const bits = grey(20, 20).toColourspace('b-w');
    const files = {
      'bits.tif': await bits.tiff({ bitdepth: 1, compression: 'deflate', predictor: 'none' }).toBuffer(),
      'twelve.tif': twelve,
      'cmyk.tif': await grey(20, 20).toColourspace('cmyk').tiff({ compression: 'none' }).toBuffer(),
    };
    for (const [name, data] of Object.entries(files)) {
      const error = await refusal(await put(name, data));
      expect([error.code, error.message]).toEqual([
        'unsupported_samples',
        expect.stringContaining('; convert it'),
      ]);
    }
  });

  it('is refused by its compression', async () => {
    const data = Buffer.from(writeArrayBuffer(new Uint8Array(100), { width: 10, height: 10 }));
    data.writeUInt16BE(50_000, entryOf(data, 259) + 8);
    const error = await refusal(await put('zstd.tif', data));
    expect(error).toMatchObject({ code: 'unsupported_layout' });
  });

  it('is refused by a size that no lunar image has, before memory is taken for it', async () => {
    const data = Buffer.from(writeArrayBuffer(new Uint8Array(100), { width: 10, height: 10 }));
    data.writeUInt16BE(60_000, entryOf(data, 256) + 8);
    data.writeUInt16BE(60_000, entryOf(data, 257) + 8);
    const error = await refusal(await put('bomb.tif', data));
    expect(error.code).toBe('too_large');
    expect(error.message).toContain('claims 60000 x 60000 pixels');

    const header = Buffer.from(png);
    header.writeUInt32BE(70_000, 16);
    expect(await refusal(await put('bomb.png', header))).toMatchObject({
      code: expect.stringMatching(/too_large|undecodable/) as string,
    });
  });
});

describe.skipIf(process.platform === 'win32')('a pipe', () => {
  it('is refused at once in place of an image, and is no label beside one', async () => {
    const pipe = join(folder, 'pipe.tif');
    execFileSync('mkfifo', [pipe, join(folder, 'beside.xml')]);
    expect(await refusal(pipe)).toMatchObject({ code: 'unreadable' });
    const image = await openRaster(await put('beside.tif', ptif));
    await image.close();
  });
});

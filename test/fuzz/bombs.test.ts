import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { parseBrowseLabel } from '../../src/archive/fetch/browse-label.js';
import { readImageLabel } from '../../src/archive/folder/image-label.js';
import { parseIndexLabel } from '../../src/archive/index/index-layout.js';
import { parseAnswer, setOf } from '../../src/archive/ode/ode-answer.js';
import { isUserFacing } from '../../src/domain/errors.js';
import { bytesInMemory } from '../../src/raster/byte-source.js';
import { labelTargets } from '../../src/raster/label-target.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { singleStripTiff, texture } from '../raster/images.js';

/** What a refusal may cost. */
const MOST_MB = 200;
const MOST_MS = 3000;

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-bombs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The code of the refusal, or `read` where all pixels came; neither may take much time or memory. */
async function costOf(data: Uint8Array): Promise<string> {
  const [before, start] = [process.resourceUsage().maxRSS, process.cpuUsage()];
  let outcome = 'read';
  try {
    const image = await openRaster(bytesInMemory('/nowhere/bomb.tif', data));
    try {
      const lines = Math.min(image.info.height, 256);
      for await (const strip of image.strips([{ firstLine: 0, lines }])) void strip;
    } finally {
      await image.close();
    }
  } catch (error) {
    if (!isUserFacing(error)) throw error;
    outcome = error.code;
  }
  const { user, system } = process.cpuUsage(start);
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(MOST_MB);
  expect((user + system) / 1000).toBeLessThan(MOST_MS);
  return outcome;
}

function grey(
  width: number,
  height: number,
  compression: number,
  strip: Uint8Array,
  more: readonly (readonly [number, number])[] = [],
): Buffer {
  const tags = [
    [256, width],
    [257, height],
    [258, 8],
    [259, compression],
    [262, 1],
    [277, 1],
  ] as const;
  const rows = more.some(([tag]) => tag === 278) ? [] : [[278, height] as const];
  return singleStripTiff([...tags, ...rows, ...more], strip);
}

/** Sets a value of the entry of a tag: 4 = count, 8 = value. */
function patched(tiff: Buffer, tag: number, at: 4 | 8, value: number): Buffer {
  const entries = Array.from({ length: tiff.readUInt16LE(8) }, (_, i) => 10 + 12 * i);
  tiff.writeUInt32LE(value, entries.find((entry) => tiff.readUInt16LE(entry) === tag)! + at);
  return tiff;
}

const [DEFLATE, LZW, PACKBITS, JPEG] = [8, 5, 32773, 7];
const PIXELS = new Uint8Array(10_000).fill(90);

describe('a TIFF that claims more than it holds is refused early', () => {
  it.each([
    ['4 billion pixels', 'too_large', grey(65_536, 65_535, 1, PIXELS)],
    ['2 billion pixels in 10 kB of Deflate', 'too_large', grey(65_536, 32_768, DEFLATE, PIXELS)],
    ['2 billion pixels in 10 kB of LZW', 'too_large', grey(65_536, 32_768, LZW, PIXELS)],
    ['2 billion pixels in 10 kB of PackBits', 'too_large', grey(65_536, 32_768, PACKBITS, PIXELS)],
    ['more pixels than bytes, uncompressed', 'truncated', grey(5064, 52_224, 1, PIXELS)],
    ['4 billion values of a tag', 'undecodable', patched(grey(100, 100, 1, PIXELS), 258, 4, 0xffffffff)],
    ['4 billion offsets of strips', 'undecodable', patched(grey(100, 100, 1, PIXELS), 273, 4, 0xffffffff)],
    ['a billion offsets of strips', 'undecodable', patched(grey(100, 100, 1, PIXELS), 273, 4, 2 ** 30)],
    ['four thousand tags of a billion values each', 'undecodable', manyTags(4000, 2 ** 30)],
    ['sixty thousand tags', 'undecodable', manyTags(60_000, 1)],
    ['a directory that is followed by itself', 'undecodable', chained(grey(100, 100, 1, PIXELS))],
    ['a directory within itself, which is passed over', 'read', grey(100, 100, 1, PIXELS, [[330, 8]])],
    ['a thousand strips that lie over each other', 'undecodable', overlapping()],
  ])('%s', async (_, code, data) => {
    expect(await costOf(data)).toBe(code);
  });

  it('a BigTIFF of more entries than there are numbers', async () => {
    const big = Buffer.alloc(64);
    big.write('II+\0\x08\0\0\0', 'latin1');
    big.writeBigUInt64LE(16n, 8);
    big.writeBigUInt64LE(0xffffffffffffffffn, 16);
    expect(await costOf(big)).toBe('undecodable');
    big.writeBigUInt64LE(2n ** 40n, 16);
    expect(await costOf(big)).toBe('undecodable');
  });
});

describe('a block that unpacks to far more than its pixels costs no more than they do', () => {
  it('by Deflate, a quarter of a GB in 256 kB', async () => {
    const strip = deflateSync(Buffer.alloc(2 ** 28));
    expect(['read', 'undecodable']).toContain(await costOf(grey(1000, 1000, DEFLATE, strip)));
  });

  it('by PackBits, 128 MB in 2 MB', async () => {
    const strip = Buffer.alloc(2 ** 21 - 2 ** 16, Buffer.from([0x81, 7]));
    expect(['read', 'undecodable']).toContain(await costOf(grey(1000, 1000, PACKBITS, strip)));
  });

  it('by LZW, 64 MB in some 80 kB', async () => {
    const zeros = sharp(Buffer.alloc(2 ** 26), { raw: { width: 2 ** 13, height: 2 ** 13, channels: 1 } });
    const whole = await zeros.toColourspace('b-w').tiff({ compression: 'lzw', predictor: 'none' }).toBuffer();
    expect(['read', 'undecodable']).toContain(await costOf(grey(1000, 1000, LZW, whole.subarray(8))));
  });

  it('by a JPEG of five thousand scans', async () => {
    const raw = { width: 512, height: 512, channels: 1 as const };
    const block = await sharp(texture(512, 512), { raw })
      .toColourspace('b-w')
      .jpeg({ progressive: true })
      .toBuffer();
    const last = block.lastIndexOf('ffda', undefined, 'hex');
    const scan = block.subarray(last, block.length - 2);
    const many = Buffer.concat([
      block.subarray(0, -2),
      ...new Array<Buffer>(5000).fill(scan),
      block.subarray(-2),
    ]);
    expect(await costOf(grey(512, 512, JPEG, many))).toBe('undecodable');
  });

  it('in a PNG of 2 billion pixels in a few kB', async () => {
    const raw = { width: 64, height: 64, channels: 1 as const };
    const png = await sharp(texture(64, 64), { raw }).png().toBuffer();
    png.writeUInt32BE(65_536, 16);
    png.writeUInt32BE(32_768, 20);
    expect(await costOf(png)).toMatch(/too_large|undecodable/);
  });
});

describe('a label is read in time in proportion to its length', () => {
  const times = 40_000;
  const xml = '<Product_Observational>';
  it.each([
    ['comments that do not end', '<!--'.repeat(times)],
    ['elements that do not end', '<Target_Identification>'.repeat(times)],
    ['tags that do not end', '<Target_Identification '.repeat(times)],
    ['files that do not end', '<File>'.repeat(times)],
    ['blanks in a name', `<Target_Identification><name>${' '.repeat(times)}</Target_Identification>`],
    ['blanks in a closing tag', `<File><file_name></file_name${' '.repeat(times)}`.repeat(3)],
    ['elements in each other', '<a>'.repeat(times)],
    ['closed elements in each other', `${'<a>'.repeat(times)}${'</a>'.repeat(times)}`],
  ])('PDS4: %s', async (_, text) => {
    const start = process.cpuUsage();
    labelTargets(xml + text);
    expect(() => parseBrowseLabel(xml + text, 'M1LC', 'the label')).toThrow();
    writeFileSync(join(folder, 'M1LC.xml'), xml + text);
    await readImageLabel(join(folder, 'M1LC.IMG'));
    writeFileSync(join(folder, 'FUZZ.IMG'), '');
    const error: unknown = await openRaster(
      bytesInMemory(join(folder, 'M1LC.IMG'), Buffer.alloc(99, 'x')),
    ).catch((reason: unknown) => reason);
    expect(isUserFacing(error)).toBe(true);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(MOST_MS);
  });

  it.each([
    ['comments that do not end', '/*'.repeat(500_000)],
    ['a list that does not end', `X = (${'1,\n'.repeat(300_000)}`],
    ['a text that does not end', `X = "${'1,\n'.repeat(300_000)}`],
    ['units in a row', `X = ${'<'.repeat(200_000)}`],
    ['blanks in a row', `X = 1${' '.repeat(200_000)}x <`],
  ])('INDEX.LBL: %s', (_, text) => {
    const start = process.cpuUsage();
    expect(() => parseIndexLabel(`PDS_VERSION_ID = PDS3\n${text}`, 'INDEX.LBL')).toThrow(/is not the label/);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(MOST_MS);
  });

  it('ODE: two hundred thousand sets', () => {
    const IIPTSet = new Array(200_000).fill({ IHID: 'LRO', IID: 'LROC', PT: 'CDRNAC4', NumberProducts: '5' });
    const answer = parseAnswer(
      JSON.stringify({ ODEResults: { Status: 'Success', IIPTSets: { IIPTSet } } }),
      'ode',
    );
    expect(setOf(answer!, 'CDRNAC4')).toEqual({ products: 5, newest: null });
  });
});

function chained(tiff: Buffer): Buffer {
  tiff.writeUInt32LE(8, 10 + 12 * tiff.readUInt16LE(8));
  return tiff;
}

/** Entries of offsets of tiles, which geotiff takes memory for when it meets them. */
function manyTags(entries: number, count: number): Buffer {
  const tiff = Buffer.alloc(10 + 12 * entries + 4);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(entries, 8);
  for (let i = 0; i < entries; i++) {
    tiff.writeUInt16LE(i, 10 + 12 * i);
    tiff.writeUInt16LE(4, 12 + 12 * i);
    tiff.writeUInt32LE(count, 14 + 12 * i);
    tiff.writeUInt32LE(8, 18 + 12 * i);
  }
  return tiff;
}

/** 1000 strips of 10 lines, each a byte after the one before. */
function overlapping(): Buffer {
  const strips = 1000;
  const bytes = 10 * 1000;
  const head = grey(1000, 10 * strips, 1, Buffer.alloc(bytes + 8 * strips), [[278, 10]]);
  const data = head.length - bytes - 8 * strips;
  for (let i = 0; i < strips; i++) {
    head.writeUInt32LE(data + i, data + bytes + 4 * i);
    head.writeUInt32LE(bytes, data + bytes + 4 * strips + 4 * i);
  }
  patched(patched(head, 273, 4, strips), 273, 8, data + bytes);
  return patched(patched(head, 279, 4, strips), 279, 8, data + bytes + 4 * strips);
}

/**
 * Decodes an image whenever a line comes on stdin, and answers with the pixels, the seconds and the CPU seconds:
 * `node serve-ours.js FILE product|geotiff`. Lines come by bands, as a scan reads them; `turn` on a line decodes the
 * image as often as half a second takes, `checksum` once and tells the SHA-256 of the pixels.
 */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fromFile, type TypedArray } from 'geotiff';
import { StripRing } from '../../src/raster/strip-ring.js';
import { openRaster } from '../../src/raster/open-raster.js';

const BAND_LINES = 256;
const TURN_MS = 500;

type Band = (pixels: Uint8Array) => void;

const [path = '', reader = 'product'] = process.argv.slice(2);

/** As the product reads it: strips are written into buffers that come back. */
async function product(each: Band): Promise<number> {
  const image = await openRaster(path);
  const { width, height } = image.info;
  const ranges = Array.from({ length: Math.ceil(height / BAND_LINES) }, (_, i) => ({
    firstLine: i * BAND_LINES,
    lines: Math.min(BAND_LINES, height - i * BAND_LINES),
  }));
  const buffers = new StripRing();
  for await (const strip of image.strips(ranges, undefined, buffers)) {
    each(strip.data);
    buffers.give(strip.data);
  }
  await image.close();
  return width * height;
}

/** geotiff.js with its own decoder, without its pool: one core. */
async function geotiff(each: Band): Promise<number> {
  const file = await fromFile(path);
  const image = await file.getImage(0);
  const [width, height] = [image.getWidth(), image.getHeight()];
  for (let line = 0; line < height; line += BAND_LINES) {
    const window = [0, line, width, Math.min(height, line + BAND_LINES)];
    const bands = (await image.readRasters({ window, samples: [0] })) as unknown as TypedArray[];
    each(bands[0] as Uint8Array);
  }
  await file.close();
  return width * height;
}

const read = reader === 'geotiff' ? geotiff : product;
for await (const line of createInterface({ input: process.stdin })) {
  const hash = line === 'checksum' ? createHash('sha256') : null;
  const [started, before] = [performance.now(), process.cpuUsage()];
  let pixels = 0;
  do pixels += await read((band) => void hash?.update(band));
  while (hash === null && performance.now() - started < TURN_MS);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  console.log(JSON.stringify({ pixels, seconds, cpuSeconds, checksum: hash?.digest('hex') ?? null }));
}

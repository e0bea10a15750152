import { readTiffDirectory } from '../../src/raster/tiff-directory.js';
import { openFile } from '../../src/raster/byte-source.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { sampleKind } from '../../src/raster/sample-kind.js';
import { restripe } from '../../src/raster/tiff-blocks.js';
import { wideTiff } from '../../src/raster/wide-tiff.js';

/** Samples of a TIFF before they become grey levels. */
export async function readSamples(path: string): Promise<Float32Array> {
  const bytes = await openFile(path);
  const d = await readTiffDirectory(bytes);
  const wide = wideTiff(bytes, restripe(d), sampleKind(d.bits, d.sampleFormats)!, '');
  try {
    return await wide.numbers(0, 0, wide.width, wide.height);
  } finally {
    await wide.close();
  }
}

/** Grey levels by uneven strips and by a window, which must agree. */
export async function readGrey(path: string): Promise<Uint8Array> {
  const image = await openRaster(path);
  try {
    const { width, height } = image.info;
    const out = new Uint8Array(width * height);
    const cut = Math.ceil(height / 3);
    const ranges = [{ firstLine: 0, lines: cut }];
    if (height > cut) ranges.push({ firstLine: cut - 1, lines: height - cut + 1 });
    for await (const strip of image.strips(ranges)) out.set(strip.data, strip.firstLine * width);
    const [x, y] = [Math.floor(width / 3), Math.floor(height / 2)];
    const [w, h] = [width - x, height - y];
    const window = await image.window(x, y, w, h);
    for (let line = 0; line < h; line++) {
      const at = (y + line) * width + x;
      if (Buffer.compare(window.subarray(line * w, (line + 1) * w), out.subarray(at, at + w)) !== 0)
        throw new Error(`the window at ${x}, ${y} has other pixels than the strips at line ${y + line}`);
    }
    return out;
  } finally {
    await image.close();
  }
}

/** The stretch worked out anew over all samples of an image: percentiles 0.1 and 99.9, headroom a half. */
export function expectedGrey(samples: ArrayLike<number>): number[] {
  const all = Array.from(samples);
  const sorted = all.filter(Number.isFinite).sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  let [low, high] = [rank(0.001), rank(0.999)];
  if (low === high) [low, high] = [rank(0), rank(1)];
  return all.map((value) => {
    if (Number.isNaN(value)) return 0;
    if (value === -Infinity) return 1;
    if (value === Infinity) return 255;
    if (low === high) return 128;
    const share = (value - low) / (1.5 * (high - low));
    return Math.min(Math.max(1 + Math.floor(share * 254 + 0.5 + Math.SQRT2 * 1e-4), 1), 255);
  });
}

/** Largest difference of two images, and the share of the pixels that differ. */
export function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): { most: number; share: number } {
  let [most, count] = [0, a.length === b.length ? 0 : Infinity];
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    most = Math.max(most, difference);
    if (difference > 0) count += 1;
  }
  return { most, share: count / a.length };
}

import type { ByteSource } from '../../domain/bytes.js';
import { truncated } from '../faults.js';
import type { WideSource } from '../wide-raster.js';
import type { ImageLayout } from './image-layout.js';
import type { SampleDecoder } from './sample-decoder.js';
import { SAMPLE_BYTES } from './sample-type.js';

/** Lines that are read and decoded together: 0.6 MB of a 16-bit NAC image. */
const BAND_LINES = 64;
/** Bytes up to which a window is read as one piece of whole lines: one request where the file lies elsewhere. */
const WINDOW_BYTES = 2 ** 22;

/** The lines of an uncompressed image as numbers. Reads what is asked for and holds nothing. */
export function imgSource(
  bytes: ByteSource,
  layout: ImageLayout,
  decode: SampleDecoder,
  format: string,
): WideSource {
  const { width, height, offset, sample } = layout;
  const sampleBytes = SAMPLE_BYTES[sample];
  const lineBytes = width * sampleBytes;

  const read = async (at: number, length: number): Promise<Uint8Array> => {
    const data = await bytes.read(offset + at, length);
    if (data.length < length) {
      throw truncated(bytes.name, `it ends at byte ${offset + at + data.length}, within its pixels`);
    }
    return data;
  };

  const window = async (x: number, y: number, w: number, h: number): Promise<Float32Array> => {
    const out = new Float32Array(w * h);
    const linesAtOnce = Math.max(1, Math.floor(WINDOW_BYTES / lineBytes));
    for (let line = 0; line < h; line += linesAtOnce) {
      const lines = Math.min(linesAtOnce, h - line);
      const length = (lines - 1) * lineBytes + w * sampleBytes;
      const data = await read((y + line) * lineBytes + x * sampleBytes, length);
      for (let i = 0; i < lines; i++) {
        const row = data.subarray(i * lineBytes, i * lineBytes + w * sampleBytes);
        out.set(decode(row), (line + i) * w);
      }
    }
    return out;
  };

  return {
    width,
    height,
    format,
    bandLines: BAND_LINES,
    decodeBand: async (index) => {
      const first = index * BAND_LINES;
      return decode(await read(first * lineBytes, Math.min(BAND_LINES, height - first) * lineBytes));
    },
    window,
    close: () => bytes.close(),
  };
}

import type { ByteSource } from '../../domain/bytes.js';
import { truncated } from '../faults.js';
import type { RawLines } from '../load-samples.js';
import type { SampleReader } from '../sample-reader.js';
import { SpareBytes } from '../spare-bytes.js';
import type { WideSource } from '../wide-raster.js';
import type { ImageLayout } from './image-layout.js';
import { SAMPLE_BYTES } from './sample-type.js';

/** Lines that are read and decoded together: 0.6 MB of a 16-bit NAC image. */
const BAND_LINES = 64;
/** Bytes up to which a window is read as one piece of whole lines: one request where the file lies elsewhere. */
const WINDOW_BYTES = 2 ** 22;

/** The lines of an uncompressed image. Reads what is asked for, into memory that is used again, and holds nothing. */
export function imgSource(
  bytes: ByteSource,
  layout: ImageLayout,
  reader: SampleReader,
  format: string,
): WideSource {
  const { width, height, offset, sample } = layout;
  const sampleBytes = SAMPLE_BYTES[sample];
  const lineBytes = width * sampleBytes;
  const spare = new SpareBytes();

  /** Calls `use` with so many bytes, which are written over when it is done. */
  const read = async (
    at: number,
    length: number,
    use: (data: Uint8Array) => Promise<void>,
  ): Promise<void> => {
    const room = spare.take(length);
    const data = await bytes.read(offset + at, length, room);
    if (data.length < length) {
      throw truncated(bytes.name, `it ends at byte ${offset + at + data.length}, within its pixels`);
    }
    await use(data);
    spare.give(room);
  };

  const window = async <T extends Float32Array | Uint8Array>(
    x: number,
    y: number,
    w: number,
    h: number,
    out: T,
    turn: (lines: RawLines, out: T) => Promise<void>,
  ): Promise<T> => {
    const linesAtOnce = Math.max(1, Math.floor(WINDOW_BYTES / lineBytes));
    for (let line = 0; line < h; line += linesAtOnce) {
      const lines = Math.min(linesAtOnce, h - line);
      const length = (lines - 1) * lineBytes + w * sampleBytes;
      const part = out.subarray(line * w, (line + lines) * w) as T;
      await read((y + line) * lineBytes + x * sampleBytes, length, (data) =>
        turn({ bytes: data, stride: width, width: w, height: lines }, part),
      );
    }
    return out;
  };

  return {
    width,
    height,
    format,
    bandLines: BAND_LINES,
    blockLines: 1,
    numbers: (x, y, w, h) =>
      window(x, y, w, h, new Float32Array(w * h), (lines, out) => reader.numbers(lines, 0, out)),
    grey: (stretch) => {
      const turn = reader.grey(stretch, 0);
      return {
        decodeBand: (index, into) => {
          const first = index * BAND_LINES;
          const lines = Math.min(BAND_LINES, height - first);
          return window(0, first, width, lines, into ?? new Uint8Array(lines * width), turn);
        },
        window: (x, y, w, h) => window(x, y, w, h, new Uint8Array(w * h), turn),
      };
    },
    close: () => bytes.close(),
  };
}

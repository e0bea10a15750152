import type { RasterSource, StretchRule } from '../domain/raster.js';
import { pullStrips, type BandImage } from './pull-strips.js';
import { sampledLines, SampleSet, type Sampled, type Stretch } from './stretch.js';

/** Lines of samples wider than 8 bits. */
export interface WideSource {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  /** Lines that are decoded together. */
  readonly bandLines: number;
  /** Lines of a block: those that are unpacked together even if one is asked for. */
  readonly blockLines: number;
  /**
   * What samples are worth: NaN = no data, -Infinity / +Infinity = saturated low / high. Row-major; the caller stays
   * inside the image.
   */
  numbers(x: number, y: number, width: number, height: number): Promise<Float32Array>;
  /** Its grey levels. */
  grey(stretch: Stretch): GreyImage;
  close(): Promise<void>;
}

/** Grey levels by bands and by windows. */
export type GreyImage = Pick<BandImage, 'decodeBand'> & Pick<RasterSource, 'window'>;

/**
 * An image of wider samples as grey levels: 0 = no data, 1..255 linear by the rule's percentiles over the whole
 * image. They are measured on at most 256 evenly spaced lines when the first pixel is asked for, so the same
 * image gives the same levels, however it is read; the detector's masked columns do not count. An affine change
 * of the samples (DN to I/F) changes nothing.
 *
 * @param wide closed with the raster
 */
export function stretchedRaster(wide: WideSource, rule: StretchRule): Promise<RasterSource> {
  const { width, height, format, bandLines } = wide;
  let measured: Promise<GreyImage> | null = null;
  const grey = (): Promise<GreyImage> =>
    (measured ??= measure(wide, rule).then((stretch) => wide.grey(stretch)));
  const decodeBand = async (index: number, into?: Uint8Array): Promise<Uint8Array> =>
    (await grey()).decodeBand(index, into);
  return Promise.resolve({
    info: { width, height, format, exactNulls: true },
    strips: (ranges, signal, buffers) =>
      pullStrips({ width, height, bandLines, decodeBand }, ranges, signal, buffers),
    window: async (x, y, w, h) => (await grey()).window(x, y, w, h),
    close: () => wide.close(),
  });
}

async function measure(wide: WideSource, rule: StretchRule): Promise<Stretch> {
  const { width, height, blockLines } = wide;
  const places = sampledLines(height);
  const samples = new SampleSet(
    width,
    places.reduce((sum, { lines }) => sum + lines, 0),
  );
  for (let next = 0; next < places.length;) {
    const { firstLine } = places[next]!;
    const blocksEnd = Math.ceil((firstLine + 1) / blockLines) * blockLines;
    let after = next + 1;
    while (after < places.length && endOf(places[after]!) <= blocksEnd) after++;
    // Places in the same blocks are read together: each block is unpacked once.
    const read = await wide.numbers(0, firstLine, width, endOf(places[after - 1]!) - firstLine);
    for (; next < after; next++) {
      const place = places[next]!;
      const from = (place.firstLine - firstLine) * width;
      samples.add(read.subarray(from, from + place.lines * width));
    }
  }
  return samples.stretch(rule);
}

function endOf({ firstLine, lines }: Sampled): number {
  return firstLine + lines;
}

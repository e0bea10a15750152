import { letOthersRun } from '../domain/let-others-run.js';
import type { RasterSource, StretchRule } from '../domain/raster.js';
import { pullStrips } from './pull-strips.js';
import { applyStretch, sampledLines, SampleSet, type Stretch } from './stretch.js';

/** Samples that become grey levels before others may run: some milliseconds. */
const SAMPLES_A_TURN = 2 ** 19;

/** Lines of samples wider than 8 bits as numbers; NaN = no data, -Infinity / +Infinity = saturated low / high. */
export interface WideSource {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  /** Lines that are decoded together. */
  readonly bandLines: number;
  /** `bandLines` lines, fewer in the last band, of `width` samples. */
  decodeBand(index: number): Promise<Float32Array>;
  /** Row-major; the caller stays inside the image. */
  window(x: number, y: number, width: number, height: number): Promise<Float32Array>;
  close(): Promise<void>;
}

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
  let measured: Promise<Stretch> | null = null;
  const toGrey = async (samples: Float32Array): Promise<Uint8Array> => {
    const stretch = await (measured ??= measure(wide, rule));
    const grey = new Uint8Array(samples.length);
    for (let at = 0; at < samples.length; at += SAMPLES_A_TURN) {
      if (at > 0) await letOthersRun();
      const end = at + SAMPLES_A_TURN;
      applyStretch(stretch, samples.subarray(at, end), grey.subarray(at, end));
    }
    return grey;
  };
  const decodeBand = async (index: number): Promise<Uint8Array> => toGrey(await wide.decodeBand(index));
  return Promise.resolve({
    info: { width, height, format, exactNulls: true },
    strips: (ranges, signal, buffers) =>
      pullStrips({ width, height, bandLines, decodeBand }, ranges, signal, buffers),
    window: async (x, y, w, h) => toGrey(await wide.window(x, y, w, h)),
    close: () => wide.close(),
  });
}

async function measure(wide: WideSource, rule: StretchRule): Promise<Stretch> {
  const places = sampledLines(wide.height);
  const samples = new SampleSet(
    wide.width,
    places.reduce((sum, { lines }) => sum + lines, 0),
  );
  for (const { firstLine, lines } of places) {
    samples.add(await wide.window(0, firstLine, wide.width, lines));
  }
  return samples.stretch(rule);
}

import { sampleKernels, type SampleKernels } from './sample-kernels.js';
import type { SampleKind } from './sample-kind.js';

/** How samples lie in bytes. */
export interface SampleForm {
  readonly kind: SampleKind;
  readonly littleEndian: boolean;
  /** Samples of a pixel. */
  readonly bands: number;
  /** TIFF's: 1 none, 2 differences, 3 differences of the bytes of floats. */
  readonly predictor: number;
  /** Samples of a line of one block, all bands: what a predictor goes by; lines are whole blocks side by side. */
  readonly blockSamples: number;
}

/** Lines as they were read. */
export interface RawLines {
  /** May end with the last pixel that is asked for. */
  readonly bytes: Uint8Array;
  /** Pixels from the beginning of a line to that of the next one. */
  readonly stride: number;
  /** Pixels of each line that are asked for: the first ones. */
  readonly width: number;
  readonly height: number;
}

/** Samples of one band in the kernels' memory, little-endian. */
export interface LoadedSamples {
  readonly kernels: SampleKernels;
  readonly at: number;
  /** Samples of a line: those asked for, and some behind them where the predictor needed them. */
  readonly stride: number;
  readonly count: number;
  /** Room for a float32 a sample. */
  readonly outAt: number;
  /** Room for what the caller brings. */
  readonly spareAt: number;
}

/**
 * Lays `height` lines from `first` on into the kernels' memory, their predictor undone, and of their bands one.
 *
 * @param spareBytes that the caller needs besides
 */
export function loadSamples(
  { kind, littleEndian, bands, predictor, blockSamples }: SampleForm,
  lines: RawLines,
  band: number,
  first: number,
  height: number,
  spareBytes: number,
): LoadedSamples {
  const kernels = sampleKernels();
  const { run } = kernels;
  // What a predictor needs comes along; of other lines only what is asked for does.
  const stride = predictor === 1 ? lines.width : lines.stride;
  const count = stride * height;
  const samples = count * bands;
  const length = samples * kind.bytes;
  const [rawAt = 0, undoneAt = 0, outAt = 0, spareAt = 0] = kernels.room(
    length,
    predictor === 3 ? length : 0,
    4 * count,
    spareBytes,
  );
  copyRows(lines, kind.bytes * bands, stride, first, height, kernels.bytes, rawAt);
  let at = rawAt;
  if (predictor === 3) {
    at = undoneAt;
    run.undoFloatDifferences(rawAt, at, samples / blockSamples, blockSamples, bands, kind.bytes);
  } else {
    if (!littleEndian) run.swapBytes(at, length, kind.bytes);
    if (predictor === 2) run.undoDifferences(at, samples / blockSamples, blockSamples, bands, kind.bytes);
  }
  if (bands > 1) run.everyNth(at + band * kind.bytes, at, count, bands, kind.bytes);
  return { kernels, at, stride, count, outAt, spareAt };
}

function copyRows(
  { bytes, stride }: RawLines,
  pixelBytes: number,
  wanted: number,
  first: number,
  height: number,
  out: Uint8Array,
  at: number,
): void {
  const [apart, length] = [stride * pixelBytes, wanted * pixelBytes];
  if (stride === wanted) {
    out.set(bytes.subarray(first * apart, (first + height) * apart), at);
    return;
  }
  for (let y = 0; y < height; y++) {
    const from = (first + y) * apart;
    out.set(bytes.subarray(from, from + length), at + y * length);
  }
}

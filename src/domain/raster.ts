/**
 * A band of full-width image lines as they lie in the file. `data` holds `lines * width` samples, row
 * by row, one channel.
 */
export interface Strip {
  /** Index of the first line in the image, 0-based. */
  readonly firstLine: number;
  readonly lines: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** What is asked of a raster: whole-width lines `[firstLine, firstLine + lines)`. */
export interface StripRange {
  readonly firstLine: number;
  readonly lines: number;
}

export interface RasterInfo {
  readonly width: number;
  readonly height: number;
  /** e.g. `PTIF jpeg 256x256`, for logs and provenance. */
  readonly format: string;
  /** True: the value 0 means no data and nothing else. False: zeros may also be shadow. */
  readonly exactNulls: boolean;
}

/**
 * How samples wider than 8 bits become the 1..255 of the pipeline (0 = no data): linearly, so that the
 * percentile `low` of the whole image's samples is 1 and 255 lies `headroom` times the distance of the two
 * percentiles above the percentile `high`.
 */
export interface StretchRule {
  readonly name: 'percentile';
  /** Percent, 0..100. */
  readonly low: number;
  readonly high: number;
  /** Share of `high - low` that is kept free above `high` for things brighter than the ground. */
  readonly headroom: number;
}

/**
 * The rule that models are made with. Measured on thirteen crops of real NAC images: under it a body twice as
 * bright as the median ground is clipped in none, one three times as bright in two, while the ground keeps two
 * thirds of the grey levels. Each further half of headroom would take a quarter or more of those.
 */
export const DEFAULT_STRETCH: StretchRule = { name: 'percentile', low: 0.1, high: 99.9, headroom: 0.5 };

/** Where the pixels of strips are written. */
export interface StripBuffers {
  /** So many bytes that nobody else uses, with anything in them. */
  take(length: number): Uint8Array;
}

/** An opened image. Pixels are pulled: nothing is decoded before it is asked for. */
export interface RasterSource {
  readonly info: RasterInfo;
  /**
   * Yields one strip per range, in order. Ranges ascend and may overlap; lines shared by neighbours are
   * decoded once. Each strip owns its buffer, so it can be transferred to a worker.
   *
   * @param buffers gives the strips' buffers; without it each has a new one
   */
  strips(ranges: Iterable<StripRange>, signal?: AbortSignal, buffers?: StripBuffers): AsyncIterable<Strip>;
  /** One window, clipped to nothing: the caller stays inside the image. Row-major, one byte a sample. */
  window(x: number, y: number, width: number, height: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

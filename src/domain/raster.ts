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
}

/** An opened image. Pixels are pulled: nothing is decoded before it is asked for. */
export interface RasterSource {
  readonly info: RasterInfo;
  /**
   * Yields one strip per range, in order. Ranges ascend and may overlap; lines shared by neighbours are
   * decoded once. Each strip owns its buffer, so it can be transferred to a worker.
   */
  strips(ranges: Iterable<StripRange>, signal?: AbortSignal): AsyncIterable<Strip>;
  /** One window, clipped to nothing: the caller stays inside the image. Row-major, one byte a sample. */
  window(x: number, y: number, width: number, height: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

import type { RasterInfo, RasterSource, Strip, StripBuffers, StripRange } from '../domain/raster.js';

/** A raster that is opened when its first pixel is asked for. */
export function deferredRaster(
  info: RasterInfo,
  open: () => Promise<RasterSource>,
  closeInput: () => Promise<void>,
): RasterSource {
  let opened: Promise<RasterSource> | null = null;
  const raster = (): Promise<RasterSource> => (opened ??= open());
  return {
    info,
    strips: (ranges, signal, buffers) => stripsOf(raster, ranges, signal, buffers),
    window: async (x, y, width, height) => (await raster()).window(x, y, width, height),
    close: async () => {
      // An image that failed to open has nothing to close; its reader was told why.
      const source = await opened?.catch(() => null);
      await source?.close();
      await closeInput();
    },
  };
}

async function* stripsOf(
  raster: () => Promise<RasterSource>,
  ranges: Iterable<StripRange>,
  signal: AbortSignal | undefined,
  buffers: StripBuffers | undefined,
): AsyncGenerator<Strip, void, undefined> {
  signal?.throwIfAborted();
  yield* (await raster()).strips(ranges, signal, buffers);
}

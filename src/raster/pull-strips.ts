import type { Strip, StripBuffers, StripRange } from '../domain/raster.js';

/** An image that is decoded by bands of whole lines, `bandLines` in each but the last. */
export interface BandImage {
  readonly width: number;
  readonly height: number;
  readonly bandLines: number;
  /**
   * Row-major, `width` bytes a line.
   * @param into pixels that nobody needs any more, of a band as long: the band may be written there
   */
  decodeBand(index: number, into?: Uint8Array): Promise<Uint8Array>;
}

const NEW_BUFFERS: StripBuffers = { take: (length) => new Uint8Array(length) };

/**
 * Yields a strip for each range. While the caller works on a strip the next one, and no more, is decoded.
 * Bands are kept as long as ranges still reach into them: ascending ranges decode each band once, and at
 * most two strips and the bands below them are in memory.
 *
 * @throws RangeError when a range leaves the image; the signal's reason when it is aborted
 */
export async function* pullStrips(
  image: BandImage,
  ranges: Iterable<StripRange>,
  signal?: AbortSignal,
  buffers: StripBuffers = NEW_BUFFERS,
): AsyncGenerator<Strip, void, undefined> {
  const iterator = ranges[Symbol.iterator]();
  const bands: Bands = { held: new Map(), spare: [] };
  const start = (): Promise<Strip> | null => {
    const step = iterator.next();
    if (step.done) return null;
    const strip = assemble(image, step.value, bands, signal, buffers);
    // It may fail before anybody waits for it; whoever then does gets the error.
    strip.catch(() => undefined);
    return strip;
  };
  let ahead = start();
  try {
    while (ahead !== null) {
      const strip = await ahead;
      ahead = start();
      yield strip;
    }
  } finally {
    // Nothing still reads from the file when the caller goes on to close it.
    await ahead?.catch(() => undefined);
    iterator.return?.();
  }
}

interface Bands {
  readonly held: Map<number, Uint8Array>;
  /** Of bands that no range reaches any more: a new buffer for each makes work for the garbage collector. */
  readonly spare: Uint8Array[];
}

async function assemble(
  image: BandImage,
  range: StripRange,
  { held, spare }: Bands,
  signal: AbortSignal | undefined,
  buffers: StripBuffers,
): Promise<Strip> {
  const { width, height, bandLines } = image;
  const { firstLine, lines } = range;
  if (!Number.isInteger(firstLine) || !Number.isInteger(lines) || firstLine < 0 || lines < 1) {
    throw new RangeError(`Lines ${firstLine} + ${lines} are not a range of lines.`);
  }
  if (firstLine + lines > height) {
    throw new RangeError(`Lines ${firstLine} + ${lines} reach beyond the ${height} lines of the image.`);
  }
  const firstBand = Math.floor(firstLine / bandLines);
  const lastBand = Math.floor((firstLine + lines - 1) / bandLines);
  for (const [band, pixels] of held) {
    if (band >= firstBand) continue;
    held.delete(band);
    spare.push(pixels);
  }

  const data = buffers.take(lines * width);
  for (let band = firstBand; band <= lastBand; band++) {
    signal?.throwIfAborted();
    const length = width * Math.min(bandLines, height - band * bandLines);
    const into = held.has(band) ? undefined : spare.pop();
    const pixels =
      held.get(band) ?? (await image.decodeBand(band, into?.length === length ? into : undefined));
    held.set(band, pixels);
    const bandTop = band * bandLines;
    const from = Math.max(firstLine, bandTop);
    const to = Math.min(firstLine + lines, bandTop + bandLines);
    data.set(pixels.subarray((from - bandTop) * width, (to - bandTop) * width), (from - firstLine) * width);
  }
  signal?.throwIfAborted();
  return { firstLine, lines, width, data };
}

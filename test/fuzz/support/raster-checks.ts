import type { RasterSource } from '../../../src/domain/raster.js';
import { expectThat } from './target.js';

/** Images of more pixels are read in part. */
const WHOLE_PIXELS = 2 ** 20;
const WINDOW = 64;

/** The first lines of an opened image, or all of it, by strips and by a window, which must agree. */
export async function readBothWays(image: RasterSource): Promise<Uint8Array> {
  const { width, height } = image.info;
  expectThat(
    Number.isInteger(width) &&
      Number.isInteger(height) &&
      width >= 1 &&
      height >= 1 &&
      width * height <= 2 ** 31,
    () => `an image of ${width} x ${height} pixels`,
  );
  const lines = width * height <= WHOLE_PIXELS ? height : Math.min(height, WINDOW);
  let data = new Uint8Array();
  for await (const strip of image.strips([{ firstLine: 0, lines }]))
    data = strip.data as Uint8Array<ArrayBuffer>;
  expectThat(data.length === width * lines, () => `${data.length} pixels in ${lines} lines of ${width}`);
  const [w, h] = [Math.min(width, WINDOW), Math.min(lines, WINDOW)];
  const [x, y] = [width - w, lines - h];
  const window = await image.window(x, y, w, h);
  for (let line = 0; line < h; line++) {
    const at = (y + line) * width + x;
    expectThat(
      Buffer.compare(window.subarray(line * w, (line + 1) * w), data.subarray(at, at + w)) === 0,
      () => `the window at ${x}, ${y} has other pixels than the strip at line ${y + line}`,
    );
  }
  return data;
}

import type { RasterSource } from '../../src/domain/raster.js';
import { planScene, type Scene, type SceneSpec } from '../../src/simulation/scene.js';
import { writePtif } from '../../src/simulation/write-ptif.js';

export const WIDTH = 5064;
/** Lines of the scene that longer images repeat. */
export const SCENE_LINES = 4096;
export const TOWARDS_SUN = { x: 0.8, y: 0.6 };
/** The same as degrees clockwise from up, for `--sun`. */
export const SUN_AZIMUTH_DEG = (Math.atan2(TOWARDS_SUN.x, -TOWARDS_SUN.y) * 180) / Math.PI;

/** Smooth terrain with five landers, as wide as a NAC image. */
export function benchScene(lines: number, spec: Partial<SceneSpec> = {}): Scene {
  return planScene({
    seed: 1,
    samples: WIDTH,
    terrain: 'smooth',
    towardsSun: TOWARDS_SUN,
    incidenceDeg: 60,
    pixelAcrossM: 1,
    pixelAlongM: 1,
    frame: 'LEFT',
    landers: 5,
    ...spec,
    lines,
  });
}

/** Lines of a synthetic NAC image; beyond its own lines a scene repeats. */
export function sceneLines(lines: number, spec: Partial<SceneSpec> = {}): Uint8Array {
  return benchScene(SCENE_LINES, spec).render(0, Math.min(lines, SCENE_LINES));
}

/** Writes a pyramidal TIFF of so many lines of the scene repeated downwards. */
export async function writeScenePtif(
  path: string,
  lines: number,
  o: { spec?: Partial<SceneSpec>; compression?: 'jpeg' | 'none' } = {},
): Promise<void> {
  const picture = sceneLines(lines, o.spec);
  const band = (firstLine: number, count: number): Uint8Array => repeatedLines(picture, firstLine, count);
  const { compression = 'jpeg' } = o;
  await writePtif(path, { width: WIDTH, height: lines }, band, { compression });
}

/** Lines from `firstLine` on of the picture repeated downwards. */
export function repeatedLines(picture: Uint8Array, firstLine: number, count: number): Uint8Array {
  const held = picture.length / WIDTH;
  const band = new Uint8Array(count * WIDTH);
  for (let i = 0; i < count; i++) {
    const from = ((firstLine + i) % held) * WIDTH;
    band.set(picture.subarray(from, from + WIDTH), i * WIDTH);
  }
  return band;
}

/** An image whose pixels lie in memory already: what is measured on it has no decoding in it. */
export function memoryRaster(picture: Uint8Array, height: number): RasterSource {
  return {
    info: { width: WIDTH, height, format: 'memory', exactNulls: false },
    async *strips(ranges, signal) {
      for (const { firstLine, lines } of ranges) {
        signal?.throwIfAborted();
        const strip = { firstLine, lines, width: WIDTH, data: repeatedLines(picture, firstLine, lines) };
        yield await Promise.resolve(strip);
      }
    },
    window(x, y, width, height) {
      const band = repeatedLines(picture, y, height);
      const out = new Uint8Array(width * height);
      for (let row = 0; row < height; row++)
        out.set(band.subarray(row * WIDTH + x, row * WIDTH + x + width), row * width);
      return Promise.resolve(out);
    },
    close: () => Promise.resolve(),
  };
}

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planScene } from '../../src/simulation/scene.js';
import { writePtif, type PtifOptions } from '../../src/simulation/write-ptif.js';

const WIDTH = 5064;
const SCENE_LINES = 4096;

/** Folder that benches keep what is long in the making: images, Python environments. */
export function benchCache(): string {
  return process.env['SELENOSCAN_BENCH_CACHE'] ?? join(tmpdir(), 'selenoscan-bench');
}

/**
 * A synthetic NAC image, smooth terrain with five landers, as the archive's pyramidal TIFF. A scene of 4096 lines is
 * repeated downwards. Made once and kept in the benches' cache.
 *
 * @param name part of the file's name; one for each set of options
 * @returns path
 */
export async function examplePtif(lines: number, name = 'jpeg', o: PtifOptions = {}): Promise<string> {
  const folder = join(benchCache(), 'images');
  const path = join(folder, `M1000000000LC_${name}_${lines}.tif`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const picture = exampleScene();
  await writePtif(
    path,
    { width: WIDTH, height: lines },
    (firstLine, count) => repeatedLines(picture, firstLine, count),
    o,
  );
  return path;
}

/** The scene's lines, `WIDTH` bytes each. */
export function exampleScene(): Uint8Array {
  const scene = planScene({
    seed: 1,
    lines: SCENE_LINES,
    samples: WIDTH,
    terrain: 'smooth',
    towardsSun: { x: 0.8, y: 0.6 },
    incidenceDeg: 60,
    pixelAcrossM: 1,
    pixelAlongM: 1,
    frame: 'LEFT',
    landers: 5,
  });
  return scene.render(0, SCENE_LINES);
}

function repeatedLines(picture: Uint8Array, firstLine: number, count: number): Uint8Array {
  const band = new Uint8Array(count * WIDTH);
  for (let i = 0; i < count; i++) {
    const from = ((firstLine + i) % SCENE_LINES) * WIDTH;
    band.set(picture.subarray(from, from + WIDTH), i * WIDTH);
  }
  return band;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { benchCache } from '../harness/cache.js';
import { repeatedLines, sceneLines, WIDTH } from '../harness/scene.js';

/** A synthetic NAC image as the archive's pyramidal TIFF, made once and kept from run to run. @returns its path */
export async function examplePtif(lines: number, compression: 'jpeg' | 'none'): Promise<string> {
  const path = join(benchCache('images'), `scene-${lines}-${compression}.tif`);
  if (existsSync(path)) return path;
  const picture = sceneLines(lines);
  const band = (first: number, count: number): Uint8Array => repeatedLines(picture, first, count);
  await writePtif(path, { width: WIDTH, height: lines }, band, { compression });
  return path;
}

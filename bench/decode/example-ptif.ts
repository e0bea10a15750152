import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { benchCache } from '../harness/cache.js';
import { writeScenePtif } from '../harness/scene.js';

/** A synthetic NAC image as the archive's pyramidal TIFF, made once and kept from run to run. @returns its path */
export async function examplePtif(lines: number, compression: 'jpeg' | 'none'): Promise<string> {
  const path = join(benchCache('images'), `scene-${lines}-${compression}.tif`);
  if (existsSync(path)) return path;
  await writeScenePtif(path, lines, { compression });
  return path;
}

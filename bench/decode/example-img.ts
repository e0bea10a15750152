import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeCdr } from '../../src/simulation/write-cdr.js';
import { benchCache } from '../harness/cache.js';
import { benchScene } from '../harness/scene.js';

/** A synthetic NAC image as a calibrated product of 16 bits, made once and kept from run to run. @returns its path */
export async function exampleImg(lines: number): Promise<string> {
  const path = join(benchCache('images'), `scene-${lines}.IMG`);
  if (existsSync(path)) return path;
  const product = { productId: 'M1334567890LC', startTime: new Date('2020-03-01T10:00:00Z'), orbit: 47_123 };
  await writeCdr(path, benchScene(lines), product);
  return path;
}

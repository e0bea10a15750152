import { awayFromSun, readSunDirections } from '../sun-directions.js';
import { listImages } from '../image-files.js';
import { readImages } from '../images.js';
import { UsageError } from '../../domain/errors.js';
import type { PixelVector } from '../../domain/geometry.js';
import { TILE_SIZE } from '../../model/architecture.js';
import type { Terrain } from './terrain-patch.js';

/** A patch at any angle and scale has to fit. */
const LEAST_SIDE = 2 * TILE_SIZE;

/** Of a long image so many lines in its middle: terrain enough, in bounded memory. */
const MOST_LINES = 4096;

/**
 * Reads the images whose Sun is known; the others cannot be drawn into.
 * @throws UsageError where none is left.
 */
export async function readTerrains(
  paths: readonly string[],
  exclude: readonly string[],
  sunFile: string,
): Promise<Terrain[]> {
  const sun = await readSunDirections(sunFile);
  const terrains: Terrain[] = [];
  for await (const image of readImages(await listImages(paths, exclude), 1, MOST_LINES)) {
    const degrees = sun.get(image.name);
    if (degrees === undefined || Math.min(image.width, image.height) < LEAST_SIDE) continue;
    terrains.push(terrainOf(image.name, image.width, image.pixels, awayFromSun(degrees)));
  }
  if (terrains.length === 0)
    throw new UsageError(
      `No image of at least ${LEAST_SIDE} pixels a side has a direction towards the Sun in ${sunFile}: name them there by file name.`,
    );
  return terrains;
}

/** Terrain of grey pixels. @param away unit vector away from the Sun */
export function terrainOf(name: string, width: number, data: Uint8Array, away: PixelVector): Terrain {
  const sorted = Uint8Array.from(data).sort();
  const level = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return { name, width, height: data.length / width, data, away, low: level(0.01), high: level(0.99) };
}

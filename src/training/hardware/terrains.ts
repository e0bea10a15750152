import { awayFromSun, readSunDirections } from '../sun-directions.js';
import { readTrainingImages, type TrainingImage } from '../images.js';
import { UsageError } from '../../domain/errors.js';
import { TILE_SIZE } from '../../model/vae.js';
import type { Terrain } from './terrain-patch.js';

/** A patch at any angle and scale has to fit. */
const LEAST_SIDE = 2 * TILE_SIZE;

/**
 * Reads the images of folders whose Sun is known; the others cannot be drawn into.
 * @throws UsageError where none is left.
 */
export async function readTerrains(
  folders: readonly string[],
  exclude: readonly string[],
  sunFile: string,
): Promise<Terrain[]> {
  const sun = await readSunDirections(sunFile);
  const images = await readTrainingImages(folders, 1, exclude);
  const terrains = images.flatMap((image) => {
    const degrees = sun.get(image.name);
    const fits = image.width >= LEAST_SIDE && image.height >= LEAST_SIDE;
    return degrees === undefined || !fits ? [] : [terrainOf(image, degrees)];
  });
  if (terrains.length === 0)
    throw new UsageError(
      `No image of at least ${LEAST_SIDE} pixels a side has a direction towards the Sun in ${sunFile}: name them there by file name.`,
    );
  return terrains;
}

function terrainOf({ name, width, height, pixels }: TrainingImage, degrees: number): Terrain {
  const sorted = Uint8Array.from(pixels).sort();
  const level = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return {
    name,
    width,
    height,
    data: pixels,
    away: awayFromSun(degrees),
    low: level(0.01),
    high: level(0.99),
  };
}

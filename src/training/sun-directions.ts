import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UsageError } from '../domain/errors.js';
import type { PixelVector } from '../domain/geometry.js';

/** Direction towards the Sun in each image, by file name: degrees clockwise from up. */
export type SunDirections = ReadonlyMap<string, number>;

const schema = z.record(z.string(), z.number().min(-360).max(360));

/**
 * Reads `{ "<file name>": <degrees clockwise from up> }`.
 * @throws UsageError naming the file.
 */
export async function readSunDirections(file: string): Promise<SunDirections> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(
      `The Sun directions in ${file} cannot be read: give a JSON file of file names and degrees.`,
      { cause },
    );
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    const name = result.error.issues[0]?.path.join('.') ?? '';
    throw new UsageError(
      `The Sun direction of ${name || 'the images'} in ${file} is not a number of degrees from -360 to 360.`,
    );
  }
  return new Map(Object.entries(result.data));
}

/** Unit vector away from the Sun in the image, given the direction towards it in degrees clockwise from up. */
export function awayFromSun(towardsSunDeg: number): PixelVector {
  const angle = (towardsSunDeg * Math.PI) / 180;
  return { x: -Math.sin(angle), y: Math.cos(angle) };
}

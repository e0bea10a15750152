import type { ReferenceFile } from '../model/manifest.js';
import { referenceTiles } from '../model/reference-tiles.js';
import { TILE_SIZE } from '../model/architecture.js';
import type { Scorer } from '../scoring/scorer.js';

/** Engines in single precision agree far within this; int8 does not, and is not meant to. */
const TOLERANCE = 1e-4;

/** Scores the seeded reference tiles, with the learned scorer, too, where there is one. */
export async function scoreReference(scorer: Scorer, channels: number): Promise<ReferenceFile> {
  const tiles = referenceTiles(channels);
  const { l2, muNorm, bright } = await scorer.score(tiles);
  const hardware = await logitsOf(scorer, channels);
  return {
    tolerance: TOLERANCE,
    count: tiles.count,
    tiles: Buffer.from(tiles.pixels).toString('base64'),
    valid: Buffer.from(tiles.valid).toString('base64'),
    l2: Array.from(l2),
    muNorm: Array.from(muNorm),
    bright: Array.from(bright),
    ...(hardware && { hardware }),
  };
}

async function logitsOf(scorer: Scorer, channels: number): Promise<ReferenceFile['hardware']> {
  if (scorer.hardware === undefined) return undefined;
  const { count, pixels } = referenceTiles(channels);
  const area = TILE_SIZE * TILE_SIZE;
  const grey = new Uint8Array(count * area);
  for (let i = 0; i < count; i++)
    grey.set(pixels.subarray(i * channels * area, i * channels * area + area), i * area);
  // From one end of the octant to the other.
  const octants = Float32Array.from({ length: count }, (_, i) => (2 * i) / (count - 1) - 1);
  const { bodies, tracks } = await scorer.hardware({ count, pixels: grey, octants });
  return { octants: Array.from(octants), bodies: encoded(bodies), tracks: encoded(tracks) };
}

function encoded(values: Float32Array): string {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
  return bytes.toString('base64');
}

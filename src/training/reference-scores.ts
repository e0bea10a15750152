import type { ReferenceFile } from '../model/manifest.js';
import { referenceTiles } from '../model/reference-tiles.js';
import type { Scorer } from '../scoring/scorer.js';

/** Engines in single precision agree far within this; int8 does not, and is not meant to. */
const TOLERANCE = 1e-4;

/** Scores the seeded reference tiles. */
export async function scoreReference(scorer: Scorer, channels: number): Promise<ReferenceFile> {
  const tiles = referenceTiles(channels);
  const { l2, muNorm, bright } = await scorer.score(tiles);
  return {
    tolerance: TOLERANCE,
    count: tiles.count,
    tiles: Buffer.from(tiles.pixels).toString('base64'),
    valid: Buffer.from(tiles.valid).toString('base64'),
    l2: Array.from(l2),
    muNorm: Array.from(muNorm),
    bright: Array.from(bright),
  };
}

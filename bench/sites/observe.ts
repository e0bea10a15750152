import type { PixelPoint } from '../../src/domain/geometry.js';
import { SCORE_STEPS, type ScanOverview } from '../../src/domain/overview.js';
import type { Random } from '../../src/domain/random.js';
import type { PlanePoint } from '../../src/geo/local-projection.js';
import type { RenderedImage } from './rendered-place.js';

/** Something on the ground that a detector may find. */
export interface TrueObject {
  readonly place: PlanePoint;
  readonly sizeM: number;
  /** Its score in an image; null where that image would not find it. */
  score(image: RenderedImage, index: number): number | null;
}

/** What a detector finds in one image. */
export interface Observation {
  readonly found: readonly Found[];
  /** As `ScanOverview.scores`. */
  readonly scores: Uint8Array;
}

export interface Found extends PixelPoint {
  /** Number of the object, null where nothing lasting is there. */
  readonly object: number | null;
  readonly score: number;
  readonly sizeM: number;
}

/** Pixels that a peak is off the object, one standard deviation. */
const PEAK_ERROR_PX = 1.5;
/** Tiles that hold an object reach so far around it, pixels. */
const TILE_REACH_PX = 64;
/** Plain ground scores about this much at most in a cell, and a tenth of it rarely more. */
const PLAIN = 0.8;

/** A detector's findings in an image: the objects in it, and chance ones that no other image has. */
export function observe(
  image: RenderedImage,
  index: number,
  objects: readonly TrueObject[],
  chanceFindings: number,
  random: Random,
): Observation {
  const { samples, lines, columns, rows, cell } = image.overview;
  const found: Found[] = [];
  objects.forEach((object, number) => {
    const pixel = image.pixelOf(object.place);
    const inside =
      pixel.sample > 32 && pixel.line > 32 && pixel.sample < samples - 32 && pixel.line < lines - 32;
    const score = inside ? object.score(image, index) : null;
    if (score === null) return;
    const sample = pixel.sample + PEAK_ERROR_PX * random.normal();
    const line = pixel.line + PEAK_ERROR_PX * random.normal();
    found.push({ object: number, sample, line, score, sizeM: object.sizeM });
  });
  for (let i = 0; i < chanceFindings; i++) {
    const sample = 32 + random.uniform() * (samples - 64);
    const line = 32 + random.uniform() * (lines - 64);
    found.push({ object: null, sample, line, score: 3 + 2 * random.uniform(), sizeM: 8 });
  }
  const scores = Uint8Array.from({ length: columns * rows }, () =>
    steps(PLAIN * -Math.log(1 - random.uniform())),
  );
  for (const { sample, line, score } of found) {
    for (
      let row = floor(line - TILE_REACH_PX, cell, rows);
      row <= floor(line + TILE_REACH_PX, cell, rows);
      row++
    )
      for (
        let c = floor(sample - TILE_REACH_PX, cell, columns);
        c <= floor(sample + TILE_REACH_PX, cell, columns);
        c++
      )
        scores[row * columns + c] = Math.max(scores[row * columns + c]!, steps(score));
  }
  return { found, scores };
}

function floor(pixel: number, cell: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(pixel / cell)));
}

function steps(score: number): number {
  return Math.min(255, Math.max(1, Math.ceil(1 + SCORE_STEPS * score)));
}

export function withScores(overview: ScanOverview, scores: Uint8Array): ScanOverview {
  return { ...overview, scores };
}

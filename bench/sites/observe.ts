import type { PixelPoint } from '../../src/domain/geometry.js';
import { SCORE_STEPS, type ScanOverview } from '../../src/domain/overview.js';
import type { Random } from '../../src/domain/random.js';
import type { PlanePoint } from '../../src/geo/local-projection.js';
import type { RenderedImage } from './rendered-place.js';

/** Something on the ground that a detector may find. */
export interface TrueObject {
  readonly place: PlanePoint;
  readonly sizeM: number;
  /** Its score in an image; null where it does not show under that light, or is not there. */
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
/** An image's budget keeps what scores this much; the score map holds the rest as well. */
export const KEPT_SCORE = 4;
/** Tiles of plain ground, each by itself, to a cell. */
const TILES_A_CELL = 4;

/** A detector's findings in an image: the objects in it, and chance ones that no other image has. */
export function observe(
  image: RenderedImage,
  index: number,
  objects: readonly TrueObject[],
  chanceFindings: number,
  random: Random,
): Observation {
  const { samples, lines, columns, rows, cell } = image.overview;
  const there: Found[] = [];
  objects.forEach((object, number) => {
    const pixel = image.pixelOf(object.place);
    const inside = pixel.sample > 0 && pixel.line > 0 && pixel.sample < samples && pixel.line < lines;
    const score = inside ? object.score(image, index) : null;
    if (score === null) return;
    const sample = pixel.sample + PEAK_ERROR_PX * random.normal();
    const line = pixel.line + PEAK_ERROR_PX * random.normal();
    there.push({ object: number, sample, line, score, sizeM: object.sizeM });
  });
  for (let i = 0; i < chanceFindings; i++) {
    const sample = 32 + random.uniform() * (samples - 64);
    const line = 32 + random.uniform() * (lines - 64);
    there.push({ object: null, sample, line, score: KEPT_SCORE + 1.5 * random.uniform(), sizeM: 8 });
  }
  const scores = Uint8Array.from({ length: columns * rows }, () =>
    // Of plain tiles one in ten scores 1, one in a hundred 2: that is what a calibrated score means.
    steps(-Math.log10(1 - random.uniform() ** (1 / TILES_A_CELL))),
  );
  for (const { sample, line, score } of there) {
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
  return { found: there.filter(({ score }) => score >= KEPT_SCORE), scores };
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

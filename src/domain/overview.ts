import type { LonLat } from './geometry.js';

/** Steps of `ScanOverview.scores` for a score of 1: values hold scores of 0 to 12.7. */
export const SCORE_STEPS = 20;

/** Places of an image's pixels at regular nodes, from the first pixel's centre to the last one's. */
export interface PlaceLattice {
  readonly columns: number;
  readonly rows: number;
  /** Row-major. */
  readonly places: readonly LonLat[];
}

/**
 * What is kept of a scanned image to compare it with others of the same ground: small pictures of how bright it
 * was and of how high it scored, and where its pixels lie on the Moon.
 */
export interface ScanOverview {
  /** Of the image, pixels. */
  readonly samples: number;
  readonly lines: number;
  /** Cells of `cell` x `cell` pixels, the first one at the image's first pixel; the last ones may be cut off. */
  readonly columns: number;
  readonly rows: number;
  readonly cell: number;
  /** Mean grey level of each cell, row-major; 0 = no data. Null where the image's pixels are not known. */
  readonly grey: Uint8Array | null;
  /**
   * Highest calibrated score of the tiles that reach into each cell: 1 + SCORE_STEPS * score, from 1 to 255;
   * 0 = no tile there was scored. Null as `grey`.
   */
  readonly scores: Uint8Array | null;
  readonly lattice: PlaceLattice;
  /** Radius that holds the true place 95 times of 100 at the four corners (upper left, upper right, lower right, lower left), metres. */
  readonly cornersUncertaintyM: readonly number[];
}

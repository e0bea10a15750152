import type { PixelVector } from '../domain/geometry.js';
import type { Strip } from '../domain/raster.js';
import { NO_LOGIT, NO_TRACKS, type TileGrid, type TileParts } from '../domain/tile.js';
import type { MaskOptions } from '../tiling/mask-options.js';
import { NULL_REACH } from '../tiling/null-pixels.js';
import type { StripPlan } from '../tiling/strips.js';
import { CONTRAST_REACH } from './contrast-field.js';
import { TILE_BORDER, TRI_MARGIN } from './tri.js';

/**
 * Lines above and below a row of tiles that its scores depend on: plan strips with this halo, then they do
 * not depend on how the image is cut.
 */
export const SCORE_HALO = CONTRAST_REACH + TRI_MARGIN - TILE_BORDER + NULL_REACH;

/** Some rows of tiles to score, with their pixels. */
export interface StripJob {
  /** Exactly the lines `plan.range`. */
  readonly strip: Strip;
  readonly plan: StripPlan;
  readonly grid: TileGrid;
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** Unit vector away from the Sun in image coordinates, `null` where it is unknown. */
  readonly shadow: PixelVector | null;
  readonly masks: MaskOptions;
}

/** Parts for `count` tiles, with nothing in them yet. */
export function emptyParts(count: number): TileParts {
  return {
    count,
    state: new Uint8Array(count),
    l2: new Float32Array(count),
    muNorm: new Float32Array(count),
    bright: new Float32Array(count),
    brightPeak: new Float32Array(count),
    tri: new Float32Array(count),
    mad: new Float32Array(count),
    lander: new Int16Array(count).fill(NO_LOGIT),
    small: new Int16Array(count).fill(NO_LOGIT),
    tracks: new Int8Array(count).fill(NO_TRACKS),
    peakX: new Uint8Array(count),
    peakY: new Uint8Array(count),
  };
}

import type { PixelVector } from '../domain/geometry.js';
import type { Strip } from '../domain/raster.js';
import { NO_LOGIT, NO_TRACKS, type TileGrid, type TileParts } from '../domain/tile.js';
import type { GreyPlan, StripGrey } from '../domain/strip-grey.js';
import type { MaskOptions } from '../tiling/mask-options.js';
import { NULL_REACH } from '../tiling/null-pixels.js';
import type { StripPlan } from '../tiling/strips.js';
import { CONTRAST_REACH } from './contrast-field.js';
import type { SamplePlan } from './screen/sample-plan.js';
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
  /** Tiles that are scored in fp32 whatever the passes; absent = all of them are. */
  readonly sample?: SamplePlan | null;
  /** How the other tiles are scored; absent = in fp32. */
  readonly passes?: Passes;
  /** What is asked of the strip's grey levels; absent = nothing. */
  readonly grey?: GreyPlan;
}

/** What a strip gives. */
export interface ScoredStrip extends TileParts {
  /** Null where the job did not ask. */
  readonly grey: StripGrey | null;
}

/** How a first pass over an image scores the tiles that are not of its sample. */
export interface Passes {
  /** `screened`: in int8 or bf16; `unseen`: the autoencoder is left out. */
  readonly vae: 'fp32' | 'screened' | 'unseen';
  readonly net: 'fp32' | 'screened';
}

/** Tiles that are scored in fp32 after the pass over their image. */
export interface ConfirmJob {
  readonly count: number;
  /** `count * size * size` DN, grey. */
  readonly pixels: Uint8Array;
  /** `count * size * size` flags, 1 = real data. */
  readonly valid: Uint8Array;
  /** Where TRI peaks in each. */
  readonly peakX: Uint8Array;
  readonly peakY: Uint8Array;
  /** Unit vector away from the Sun in image coordinates, `null` where it is unknown. */
  readonly shadow: PixelVector | null;
}

/** Parts for `count` tiles, with nothing in them yet. */
export function emptyParts(count: number): TileParts {
  return {
    count,
    state: new Uint8Array(count),
    marks: new Uint8Array(count),
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

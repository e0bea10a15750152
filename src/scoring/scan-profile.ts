import type { Strip } from '../domain/raster.js';
import type { Histogram, ScanProfile } from '../domain/scan-profile.js';
import type { TileParts } from '../domain/tile.js';
import { levelsOfStrip } from '../domain/strip-grey.js';
import type { Condition } from './calibration.js';
import { quantile, sortedNumbers } from './robust.js';
import { axisOf, binOf } from './score-axis.js';

/** Grey levels to a bin of brightness. */
export const LEVELS_A_BIN = 8;
export const BRIGHTNESS_BINS = 256 / LEVELS_A_BIN;
/** Contrasts of tiles, as logarithms: from 0.0025 to 4.3. */
export const CONTRAST_BINS = { from: -6, step: 0.1, bins: 75 } as const;
/** Of a picture without any texture. */
const LEAST_CONTRAST = 1e-3;

/** Counts the grey levels of an image, strip by strip. */
export class BrightnessCounter {
  readonly #counts = new Array<number>(BRIGHTNESS_BINS).fill(0);
  #nextLine = 0;

  /** Strips come from the first line to the last and may overlap. */
  add(strip: Strip): void {
    this.merge(levelsOfStrip(strip, this.#nextLine));
    this.#nextLine = Math.max(this.#nextLine, strip.firstLine + strip.lines);
  }

  /** Adds the pixels of each level of a strip's own lines, counted elsewhere; in any order. */
  merge(levels: Uint32Array): void {
    for (let level = 1; level < levels.length; level++)
      this.#counts[Math.floor(level / LEVELS_A_BIN)]! += levels[level]!;
  }

  histogram(): Histogram {
    return trimmed(this.#counts);
  }
}

/**
 * @param raw the named score of the tiles that are counted; NaN for the others
 * @returns the image's profile; null where every tile is masked.
 */
export function profileOf(
  score: string,
  raw: Float32Array,
  parts: Pick<TileParts, 'mad'>,
  brightness: Histogram,
  incidenceDeg: number | null,
): ScanProfile | null {
  const axis = axisOf(score);
  const byScore = new Array<number>(axis.bins).fill(0);
  const byContrast = new Array<number>(CONTRAST_BINS.bins).fill(0);
  let tiles = 0;
  raw.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    tiles++;
    byScore[binOf(axis, value)]!++;
    byContrast[contrastBin(parts.mad[i]!)]!++;
  });
  if (tiles === 0) return null;
  return {
    score,
    incidenceDeg,
    contrast: Math.max(quantile(sortedNumbers(parts.mad), 0.5), LEAST_CONTRAST),
    tiles,
    scores: trimmed(byScore),
    brightness,
    contrasts: trimmed(byContrast),
  };
}

/** Under what the tiles of an image are calibrated; null = all of them are masked. */
export function conditionOf(profile: Pick<ScanProfile, 'incidenceDeg' | 'contrast'> | null): Condition {
  return { incidenceDeg: profile?.incidenceDeg ?? null, contrast: profile?.contrast ?? null };
}

function contrastBin(mad: number): number {
  const { from, step, bins } = CONTRAST_BINS;
  return Math.min(Math.max(Math.floor((Math.log(mad) - from) / step), 0), bins - 1);
}

function trimmed(counts: readonly number[]): Histogram {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return { first: 0, counts: [] };
  return { first, counts: counts.slice(first, counts.findLastIndex((count) => count > 0) + 1) };
}

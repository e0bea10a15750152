import { NO_LOGIT, NO_TRACKS, TILE_MARKS, type TileParts } from '../../domain/tile.js';
import type { ScreenPart } from '../screen-bounds.js';
import { factorNeeded, type PartBounds, type Widening } from './part-bounds.js';

/** A bound that was broken is widened by this much more than it needed. */
const MARGIN = 1.25;

/** Sees screened tiles again in fp32, and whether their parts lie within the bounds of their screened values. */
export class ScreenWatch {
  readonly #bounds: PartBounds;
  readonly #needed: Partial<Record<ScreenPart, number>> = {};

  /** @param bounds that the tiles were chosen by */
  constructor(bounds: PartBounds) {
    this.#bounds = bounds;
  }

  /**
   * @param tile index in `screened`, whose parts are still the screened ones
   * @param truth parts in fp32, its tile at `at`
   * @returns whether all parts lie within their bounds
   */
  see(screened: TileParts, tile: number, truth: TileParts, at: number): boolean {
    let within = true;
    const marks = screened.marks[tile]!;
    const compare = (part: ScreenPart, value: number, real: number, step = 0): void => {
      const { lo, hi } = this.#bounds(part, value);
      // Kept values are rounded to whole steps.
      const factor = factorNeeded({ lo: lo - step, hi: hi + step }, value, real);
      if (factor <= 1) return;
      within = false;
      this.#needed[part] = Math.max(this.#needed[part] ?? 1, factor);
    };
    if (marks & TILE_MARKS.vaeScreened) {
      compare('l2', screened.l2[tile]!, truth.l2[at]!);
      compare('mu_norm', screened.muNorm[tile]!, truth.muNorm[at]!);
      compare('bright', screened.bright[tile]!, truth.bright[at]!);
      compare('bright_peak', screened.brightPeak[tile]!, truth.brightPeak[at]!);
    }
    if (marks & TILE_MARKS.netScreened) {
      for (const part of ['lander', 'small'] as const)
        if (screened[part][tile] !== NO_LOGIT)
          compare(part, screened[part][tile]! / 1000, truth[part][at]! / 1000, 1e-3);
      if (screened.tracks[tile] !== NO_TRACKS)
        compare('tracks', screened.tracks[tile]! / 8, truth.tracks[at]! / 8, 1 / 8);
    }
    return within;
  }

  /** By what the bounds must be widened, on top of what they are, to hold what was seen; null where they held. */
  widening(): Widening | null {
    const parts = Object.entries(this.#needed) as [ScreenPart, number][];
    if (parts.length === 0) return null;
    return Object.fromEntries(parts.map(([part, factor]) => [part, MARGIN * factor]));
  }
}

import { TILE_STATES, type MaskCounts, type TileGrid, type TileParts } from '../domain/tile.js';
import { emptyParts } from '../scoring/strip-job.js';
import type { StripPlan } from '../tiling/strips.js';

/** The raw score parts of a whole image, filled strip by strip in any order. */
export class PartsCollector {
  readonly parts: TileParts;
  private readonly columns: number;

  constructor(grid: TileGrid) {
    const count = grid.xs.length * grid.ys.length;
    this.columns = grid.xs.length;
    this.parts = emptyParts(count);
  }

  add(plan: StripPlan, strip: TileParts): void {
    const at = plan.rowFrom * this.columns;
    this.parts.state.set(strip.state, at);
    this.parts.marks.set(strip.marks, at);
    this.parts.l2.set(strip.l2, at);
    this.parts.muNorm.set(strip.muNorm, at);
    this.parts.bright.set(strip.bright, at);
    this.parts.brightPeak.set(strip.brightPeak, at);
    this.parts.tri.set(strip.tri, at);
    this.parts.mad.set(strip.mad, at);
    this.parts.lander.set(strip.lander, at);
    this.parts.small.set(strip.small, at);
    this.parts.tracks.set(strip.tracks, at);
    this.parts.peakX.set(strip.peakX, at);
    this.parts.peakY.set(strip.peakY, at);
  }

  /** Tiles by state: what was looked at, and why the rest was not. */
  counts(): MaskCounts {
    const counts: MaskCounts = { scored: 0, detector: 0, null: 0, saturated: 0, shadow: 0 };
    for (const state of this.parts.state) {
      const name = TILE_STATES[state];
      if (name === undefined)
        throw new RangeError(`tile state ${state} is not one of ${TILE_STATES.join(', ')}`);
      counts[name]++;
    }
    return counts;
  }
}

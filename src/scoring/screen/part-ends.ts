import { NO_LOGIT, NO_TRACKS, TILE_MARKS, TILE_STATES, type TileParts } from '../../domain/tile.js';
import type { PartBounds } from './part-bounds.js';

/** Most and least that TileParts keeps of a logit, in its steps. */
const LOGIT_LIMIT = 32_000;
const TRACKS_LIMIT = 120;
const LOGIT_UNIT = 1000;
const TRACKS_UNIT = 8;
const SCORED = TILE_STATES.indexOf('scored');
/** No reconstruction error of a full tile is larger: every pixel is wrong by all of its range. */
const MOST_L2 = 64;

/** The least and the most that the parts of each tile can be in fp32; what is confirmed is both. */
export interface PartEnds {
  readonly least: TileParts;
  readonly most: TileParts;
}

/** @param bounds of screened parts; null where none was screened */
export function partEnds(parts: TileParts, bounds: PartBounds | null): PartEnds {
  const [least, most] = [copyOf(parts), copyOf(parts)];
  for (let tile = 0; tile < parts.count; tile++) {
    const marks = parts.marks[tile]!;
    if (parts.state[tile] !== SCORED) continue;
    if (marks & TILE_MARKS.vaeUnseen) {
      least.l2[tile] = least.muNorm[tile] = least.brightPeak[tile] = least.bright[tile] = 0;
      most.l2[tile] = MOST_L2;
      most.muNorm[tile] = Infinity;
      most.bright[tile] = 1;
    }
    if (bounds === null) continue;
    if (marks & TILE_MARKS.vaeScreened) {
      for (const [part, name] of VAE_PARTS) {
        const { lo, hi } = bounds(name, parts[part][tile]!);
        least[part][tile] = lo;
        most[part][tile] = hi;
      }
    }
    if (marks & TILE_MARKS.netScreened) spreadLogits(parts, least, most, tile, bounds);
  }
  return { least, most };
}

const VAE_PARTS = [
  ['l2', 'l2'],
  ['muNorm', 'mu_norm'],
  ['bright', 'bright'],
  ['brightPeak', 'bright_peak'],
] as const;

function spreadLogits(
  parts: TileParts,
  least: TileParts,
  most: TileParts,
  tile: number,
  bounds: PartBounds,
): void {
  for (const name of ['lander', 'small'] as const) {
    if (parts[name][tile] === NO_LOGIT) continue;
    const { lo, hi } = bounds(name, parts[name][tile]! / LOGIT_UNIT);
    least[name][tile] = kept(Math.floor(lo * LOGIT_UNIT) - 1, LOGIT_LIMIT);
    most[name][tile] = kept(Math.ceil(hi * LOGIT_UNIT) + 1, LOGIT_LIMIT);
  }
  if (parts.tracks[tile] === NO_TRACKS) return;
  const { lo, hi } = bounds('tracks', parts.tracks[tile]! / TRACKS_UNIT);
  least.tracks[tile] = kept(Math.floor(lo * TRACKS_UNIT) - 1, TRACKS_LIMIT);
  most.tracks[tile] = kept(Math.ceil(hi * TRACKS_UNIT) + 1, TRACKS_LIMIT);
}

function kept(step: number, limit: number): number {
  return Math.min(Math.max(step, -limit), limit);
}

/** Of the parts that a network gives; the others are shared. */
function copyOf(parts: TileParts): TileParts {
  return {
    ...parts,
    l2: parts.l2.slice(),
    muNorm: parts.muNorm.slice(),
    bright: parts.bright.slice(),
    brightPeak: parts.brightPeak.slice(),
    lander: parts.lander.slice(),
    small: parts.small.slice(),
    tracks: parts.tracks.slice(),
  };
}

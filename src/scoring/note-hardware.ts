import { NO_TRACKS, type TileParts } from '../domain/tile.js';

/** TRI's peak says where a body is more sharply than a cell does, when they mean the same body. */
const SAME_BODY_PX = 8;

/** What the learned scorer says of one tile. */
export interface TileHardware {
  readonly lander: number;
  readonly small: number;
  /** NaN where nothing is told of tracks. */
  readonly tracks: number;
  /** Middle of the cell with the highest logit of a lander, pixels from the tile's upper-left one. */
  readonly x: number;
  readonly y: number;
}

/**
 * Writes what the learned scorer says of a tile into its parts.
 * @param place whether it may also say where the tile's body is: it knows better where TRI peaks elsewhere
 */
export function noteHardware(parts: TileParts, tile: number, found: TileHardware, place: boolean): void {
  parts.lander[tile] = thousandths(found.lander);
  parts.small[tile] = thousandths(found.small);
  parts.tracks[tile] = eighths(found.tracks);
  if (!place) return;
  const { peakX, peakY } = parts;
  const { lander, x, y } = found;
  if (lander <= 0 || Math.hypot(peakX[tile]! - x, peakY[tile]! - y) <= SAME_BODY_PX) return;
  peakX[tile] = x;
  peakY[tile] = y;
}

/** Logits as TileParts keeps them. */
function thousandths(logit: number): number {
  return Math.round(1000 * Math.min(Math.max(logit, -32), 32));
}

function eighths(logit: number): number {
  return Number.isNaN(logit) ? NO_TRACKS : Math.round(8 * Math.min(Math.max(logit, -15), 15));
}

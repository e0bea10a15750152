import type { PixelVector } from '../domain/geometry.js';
import { turnSquare } from '../domain/turn-square.js';
import { octantShare, TURNS, turnBack, turnInto, type Turn } from '../domain/turn.js';
import type { CellLogits, TopLogits, TurnedBatch } from './scorer.js';

/** Cells along a tile's side that the net tells of: of bodies, of tracks. */
const CELLS = 16;
const TRACK_CELLS = 8;
const ALL_CELLS = CELLS * CELLS;
const ALL_TRACK_CELLS = TRACK_CELLS * TRACK_CELLS;
/** Cells along the border, which a neighbouring tile sees whole. */
export const BORDER_CELLS = 1;

/** From which pixel of a tile to which the middles of its cells lie, the border's left out. */
export function logitPlaces(size: number): { readonly from: number; readonly to: number } {
  const side = size / CELLS;
  return { from: (BORDER_CELLS + 0.5) * side, to: (CELLS - BORDER_CELLS - 0.5) * side };
}

/** What the learned scorer says of tiles, one array per answer, indexed alike. */
export interface HardwareLogits {
  /** The highest cell's logits of a lander, of something small, of tracks: NaN where nothing is told of these. */
  readonly lander: Float32Array;
  readonly small: Float32Array;
  readonly tracks: Float32Array;
  /**
   * Middle of the cell with the highest logit of a lander, pixels from the tile's upper-left one; undefined where the
   * scorer tells of no cells.
   */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

function logitsFor(tiles: number): HardwareLogits {
  return {
    lander: new Float32Array(tiles),
    small: new Float32Array(tiles),
    tracks: new Float32Array(tiles),
    x: new Uint8Array(tiles),
    y: new Uint8Array(tiles),
  };
}

/** What a scorer answers by, exactly or screening. */
type Ask = (batch: TurnedBatch) => Promise<CellLogits | TopLogits>;

/**
 * Asks the learned scorer about tiles, turned by the direction away from the Sun or, unknown, all ways. Its buffers
 * and its answer are used again by the next call.
 */
export class HardwareFinder {
  readonly #ask: Ask;
  readonly #size: number;
  readonly #turns: readonly Turn[];
  readonly #octant: number;
  /** Tiles that the buffers below hold. */
  #room = 0;
  #pixels = new Uint8Array(0);
  #octants = new Float32Array(0);
  #found = logitsFor(0);

  constructor(ask: Ask, size: number, away: PixelVector | null) {
    this.#ask = ask;
    this.#size = size;
    const known = away && turnInto(away);
    // Without the Sun each octant is looked at by its middle, 22.5 degrees off at most.
    this.#turns = known ? [known.turn] : TURNS;
    this.#octant = known ? octantShare(known.angleDeg) : 0;
  }

  /**
   * @param pixels DN; tile `i` is the `size * size` from `i * step` on
   * @returns answers for the first `count` tiles, until the next call
   */
  async find(count: number, pixels: Uint8Array, step: number): Promise<HardwareLogits> {
    this.#reserve(count);
    const area = this.#size ** 2;
    let at = 0;
    for (let tile = 0; tile < count; tile++) {
      for (const turn of this.#turns) {
        turnSquare(pixels, this.#pixels, this.#size, turn, tile * step, at);
        at += area;
      }
    }
    const asked = count * this.#turns.length;
    const logits = await this.#ask({ count: asked, pixels: this.#pixels, octants: this.#octants });
    for (let tile = 0; tile < count; tile++) {
      if ('bodies' in logits) this.#best(logits, tile);
      else this.#highest(logits, tile);
    }
    return this.#found;
  }

  #reserve(count: number): void {
    if (count <= this.#room) return;
    const asked = count * this.#turns.length;
    this.#room = count;
    this.#pixels = new Uint8Array(asked * this.#size ** 2);
    this.#octants = new Float32Array(asked).fill(this.#octant);
    this.#found = logitsFor(count);
  }

  #best({ bodies, tracks }: CellLogits, tile: number): void {
    const turns = this.#turns.length;
    let lander = -Infinity;
    let small = -Infinity;
    let track = -Infinity;
    let bestTurn = 0;
    let bestCell = 0;
    for (let k = 0; k < turns; k++) {
      const turned = tile * turns + k;
      for (let y = BORDER_CELLS; y < CELLS - BORDER_CELLS; y++) {
        const row = turned * 2 * ALL_CELLS + y * CELLS;
        for (let x = BORDER_CELLS; x < CELLS - BORDER_CELLS; x++) {
          small = Math.max(small, bodies[row + ALL_CELLS + x]!);
          const logit = bodies[row + x]!;
          if (logit <= lander) continue;
          lander = logit;
          bestTurn = k;
          bestCell = y * CELLS + x;
        }
      }
      const end = (turned + 1) * ALL_TRACK_CELLS;
      for (let i = end - ALL_TRACK_CELLS; i < end; i++) track = Math.max(track, tracks[i]!);
    }
    const x = bestCell % CELLS;
    const place = turnBack({ x, y: (bestCell - x) / CELLS }, CELLS, this.#turns[bestTurn]!);
    const side = this.#size / CELLS;
    const found = this.#found;
    found.lander[tile] = lander;
    found.small[tile] = small;
    found.tracks[tile] = track;
    found.x[tile] = place.x * side + side / 2;
    found.y[tile] = place.y * side + side / 2;
  }

  /** Over the turns. */
  #highest({ tops, topTracks }: TopLogits, tile: number): void {
    const turns = this.#turns.length;
    const found = this.#found;
    found.lander[tile] = found.small[tile] = -Infinity;
    found.tracks[tile] = topTracks === undefined ? NaN : -Infinity;
    for (let turned = tile * turns; turned < (tile + 1) * turns; turned++) {
      found.lander[tile] = Math.max(found.lander[tile], tops[2 * turned]!);
      found.small[tile] = Math.max(found.small[tile], tops[2 * turned + 1]!);
      if (topTracks) found.tracks[tile] = Math.max(found.tracks[tile], topTracks[turned]!);
    }
  }
}

import type { PixelVector } from '../domain/geometry.js';
import { octantShare, TURNS, turnBack, turnInto, turnSquare, type Turn } from '../domain/turn.js';
import type { CellLogits, Scorer } from './scorer.js';

/** Cells along a tile's side that the net tells of: of bodies, of tracks. */
const CELLS = 16;
const TRACK_CELLS = 8;
/** Cells along the border, which a neighbouring tile sees whole. */
export const BORDER_CELLS = 1;

export interface HardwareLogits {
  /** The highest cell's logits of a lander, of something small, of tracks. */
  readonly lander: number;
  readonly small: number;
  readonly tracks: number;
  /** Middle of the cell with the highest logit of a lander, pixels from the tile's upper-left one. */
  readonly x: number;
  readonly y: number;
}

/** Asks the learned scorer about tiles, turned by the direction away from the Sun or, unknown, all ways. */
export class HardwareFinder {
  readonly #ask: NonNullable<Scorer['hardware']>;
  readonly #size: number;
  readonly #turns: readonly Turn[];
  readonly #octant: number;

  constructor(ask: NonNullable<Scorer['hardware']>, size: number, away: PixelVector | null) {
    this.#ask = ask;
    this.#size = size;
    const known = away && turnInto(away);
    // Without the Sun each octant is looked at by its middle, 22.5 degrees off at most.
    this.#turns = known ? [known.turn] : TURNS;
    this.#octant = known ? octantShare(known.angleDeg) : 0;
  }

  /** @param tileAt pixels of a tile, `size * size` DN */
  async find(count: number, tileAt: (tile: number) => Uint8Array): Promise<HardwareLogits[]> {
    const area = this.#size ** 2;
    const turns = this.#turns;
    const pixels = new Uint8Array(count * turns.length * area);
    for (let tile = 0; tile < count; tile++) {
      const from = tileAt(tile);
      turns.forEach((turn, k) => {
        const at = (tile * turns.length + k) * area;
        turnSquare(from, pixels.subarray(at, at + area), this.#size, turn);
      });
    }
    const asked = count * turns.length;
    const octants = new Float32Array(asked).fill(this.#octant);
    const logits = await this.#ask({ count: asked, pixels, octants });
    return Array.from({ length: count }, (_, tile) => this.#best(logits, tile));
  }

  #best({ bodies, tracks }: CellLogits, tile: number): HardwareLogits {
    const cells = CELLS * CELLS;
    const trackCells = TRACK_CELLS * TRACK_CELLS;
    const best = { lander: -Infinity, small: -Infinity, tracks: -Infinity };
    let place = { x: 0, y: 0 };
    this.#turns.forEach((turn, k) => {
      const turned = tile * this.#turns.length + k;
      const from = turned * 2 * cells;
      for (let y = BORDER_CELLS; y < CELLS - BORDER_CELLS; y++) {
        for (let x = BORDER_CELLS; x < CELLS - BORDER_CELLS; x++) {
          const at = from + y * CELLS + x;
          best.small = Math.max(best.small, bodies[at + cells]!);
          if (bodies[at]! <= best.lander) continue;
          best.lander = bodies[at]!;
          place = turnBack({ x, y }, CELLS, turn);
        }
      }
      for (let i = 0; i < trackCells; i++)
        best.tracks = Math.max(best.tracks, tracks[turned * trackCells + i]!);
    });
    const side = this.#size / CELLS;
    return { ...best, x: place.x * side + side / 2, y: place.y * side + side / 2 };
  }
}

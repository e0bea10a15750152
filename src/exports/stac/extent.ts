import type { Bounds } from '../layer.js';

/** What the items of a collection cover together. */
export class Extent {
  #bbox: Bounds | null = null;
  #from: Date | null = null;
  #to: Date | null = null;

  add(bbox: Bounds | null, from: Date, to: Date): void {
    if (this.#from === null || from < this.#from) this.#from = from;
    if (this.#to === null || to > this.#to) this.#to = to;
    if (bbox === null) return;
    // A box that crosses the antimeridian reaches both its sides.
    const [west, east] = bbox[0] <= bbox[2] ? [bbox[0], bbox[2]] : [-180, 180];
    const [w, s, e, n] = this.#bbox ?? [Infinity, Infinity, -Infinity, -Infinity];
    this.#bbox = [Math.min(w, west), Math.min(s, bbox[1]), Math.max(e, east), Math.max(n, bbox[3])];
  }

  /** As a collection states it; of nothing it is the whole Moon at all times. */
  toJSON(): unknown {
    return {
      spatial: { bbox: [this.#bbox ?? [-180, -90, 180, 90]] },
      temporal: { interval: [[this.#from?.toISOString() ?? null, this.#to?.toISOString() ?? null]] },
    };
  }
}

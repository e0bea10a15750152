import { octantShare, turnInto, TURNS } from '../domain/turn.js';
import type { TileParts } from '../domain/tile.js';
import { validColumns } from '../domain/valid-columns.js';
import { MAX_STRIP_PIXELS, type Scorer, type StripPixels } from './scorer.js';
import type { StripJob } from './strip-job.js';

/** Writes what the learned scorer says of a tile into its parts. */
export type NoteHardware = (
  tile: number,
  found: { lander: number; small: number; tracks: number; x: number; y: number },
) => void;

type StripEngine = Scorer & Required<Pick<Scorer, 'scoreStrip'>>;

/** A strip's tiles, gathered to be cut out of it and scored by an engine that keeps its pixels on a GPU. */
export class DeviceStrip {
  readonly #scorer: StripEngine;
  readonly #job: StripJob;
  readonly #parts: TileParts;
  readonly #nulls: Uint8Array | null;
  readonly #tiles: number[] = [];
  readonly #x: number[] = [];
  readonly #y: number[] = [];
  readonly #fill: number[] = [];

  /**
   * @param nulls flags as findNullPixels gives them
   * @returns null where tiles are better cut here: pixels have no way to go on a CPU
   */
  static of(scorer: Scorer, job: StripJob, parts: TileParts, nulls: Uint8Array | null): DeviceStrip | null {
    const { width, lines } = job.strip;
    if (scorer.scoreStrip === undefined || scorer.info.device !== 'gpu' || width * lines > MAX_STRIP_PIXELS)
      return null;
    return new DeviceStrip(scorer as StripEngine, job, parts, nulls);
  }

  private constructor(scorer: StripEngine, job: StripJob, parts: TileParts, nulls: Uint8Array | null) {
    this.#scorer = scorer;
    this.#job = job;
    this.#parts = parts;
    this.#nulls = nulls;
  }

  /** @param x,y upper-left pixel in the image @param fill DN that stands for what is no real data */
  add(tile: number, x: number, y: number, fill: number): void {
    this.#tiles.push(tile);
    this.#x.push(x);
    this.#y.push(y - this.#job.strip.firstLine);
    this.#fill.push(fill);
  }

  /**
   * Scores all tiles, at the places that their parts hold.
   * @param batch tiles a call of the model
   * @throws the signal's reason when it is aborted, between two batches
   */
  async score(batch: number, note: NoteHardware, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#tiles.length === 0) return;
    const parts = this.#parts;
    const { shadow } = this.#job;
    const known = shadow && turnInto(shadow);
    const asked = this.#scorer.hardware !== undefined;
    const tiles = {
      count: this.#tiles.length,
      x: Int32Array.from(this.#x),
      y: Int32Array.from(this.#y),
      fill: Uint8Array.from(this.#fill),
      peaks: Uint8Array.from(this.#tiles.flatMap((tile) => [parts.peakX[tile]!, parts.peakY[tile]!])),
      // Without the Sun each octant is looked at by its middle.
      turns: !asked ? [] : known ? [known.turn] : TURNS,
      octant: known ? octantShare(known.angleDeg) : 0,
    };
    const scores = await this.#scorer.scoreStrip(this.#pixels(), tiles, batch, signal);
    this.#tiles.forEach((tile, i) => {
      parts.l2[tile] = scores.l2[i]!;
      parts.muNorm[tile] = scores.muNorm[i]!;
      parts.bright[tile] = scores.bright[i]!;
      parts.brightPeak[tile] = scores.brightPeak[i]!;
      if (!asked) return;
      const [lander, small, tracks] = [scores.lander[i]!, scores.small[i]!, scores.tracks[i]!];
      note(tile, { lander, small, tracks, x: scores.landerX[i]!, y: scores.landerY[i]! });
    });
  }

  #pixels(): StripPixels {
    const { data, width, lines } = this.#job.strip;
    const { from, to } = validColumns(width);
    const nulls = this.#nulls;
    const whole = nulls === null && from === 0 && to === width;
    const valid = whole ? null : new Uint8Array(width * lines);
    if (valid)
      for (let line = 0; line < lines; line++) {
        for (let x = from; x < to; x++) valid[line * width + x] = nulls?.[line * width + x] === 1 ? 0 : 1;
      }
    // Engines take memory of one thread only.
    const pixels = data.buffer instanceof ArrayBuffer ? data : data.slice();
    return { width, lines, pixels, valid };
  }
}

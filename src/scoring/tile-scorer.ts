import { OperationalError } from '../domain/errors.js';
import type { PixelVector } from '../domain/geometry.js';
import { TILE_MARKS, type TileParts } from '../domain/tile.js';
import { HardwareFinder } from './hardware-logits.js';
import { noteHardware } from './note-hardware.js';
import { residualAt } from './residual-peak.js';
import type { PeakScores, Scorer, TileBatch } from './scorer.js';
import type { Passes } from './strip-job.js';

export interface TileScorerOptions extends Passes {
  readonly size: number;
  readonly channels: number;
  /** Tiles a call of the model. */
  readonly batch: number;
  /** Unit vector away from the Sun in image coordinates, `null` where it is unknown. */
  readonly shadow: PixelVector | null;
}

/**
 * Gathers tiles into batches, has the networks score them and writes the parts. Tiles need their TRI peaks in the
 * parts beforehand, and those that the autoencoder is not to see their `brightPeak`. A tile that is scored in fp32 gets the place of what the learned scorer sees, too.
 */
export class TileScorer {
  readonly #scorer: Scorer;
  readonly #parts: TileParts;
  readonly #o: TileScorerOptions;
  readonly #hardware: HardwareFinder | null;
  readonly #marks: number;
  readonly #pending: number[] = [];
  readonly #pixels: Uint8Array;
  readonly #valid: Uint8Array;

  /** @throws OperationalError where tiles are to be screened by what the engine cannot screen with. */
  constructor(scorer: Scorer, parts: TileParts, o: TileScorerOptions) {
    this.#scorer = scorer;
    this.#parts = parts;
    this.#o = o;
    const area = o.size * o.size;
    const ask = o.net === 'screened' ? scorer.screenHardware : scorer.hardware;
    if ((o.net === 'screened' && !ask) || (o.vae === 'screened' && !scorer.screen))
      throw new OperationalError(
        'no_screening',
        'The engine cannot screen with this model; set scoring.mode to exact.',
      );
    this.#hardware = ask ? new HardwareFinder(ask, o.size, o.shadow) : null;
    this.#marks =
      (o.vae === 'screened' ? TILE_MARKS.vaeScreened : 0) |
      (o.vae === 'unseen' ? TILE_MARKS.vaeUnseen : 0) |
      (o.net === 'screened' && this.#hardware ? TILE_MARKS.netScreened : 0);
    this.#pixels = new Uint8Array(o.batch * o.channels * area);
    this.#valid = new Uint8Array(o.batch * area);
  }

  /** Whether a batch waits to be scored: no tile can be added before. */
  get full(): boolean {
    return this.#pending.length === this.#o.batch;
  }

  /**
   * Takes a tile.
   *
   * @param cut writes its pixels and flags, `size * size` each; a grey tile is the same in every channel
   */
  add(tile: number, cut: (pixels: Uint8Array, valid: Uint8Array) => void): void {
    const { size, channels } = this.#o;
    const area = size * size;
    const at = this.#pending.length;
    const pixels = this.#tileOf(at);
    cut(pixels, this.#valid.subarray(at * area, (at + 1) * area));
    for (let channel = 1; channel < channels; channel++) pixels.copyWithin(channel * area, 0, area);
    this.#pending.push(tile);
  }

  /** Scores the tiles that wait. @throws the signal's reason when it is aborted */
  async flush(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { vae } = this.#o;
    if (this.#pending.length === 0) return;
    if (vae === 'fp32') await this.#score();
    else if (vae === 'screened') await this.#screen();
    else this.#leaveUnseen();
    await this.#findHardware();
    for (const tile of this.#pending) this.#parts.marks[tile]! |= this.#marks;
    this.#pending.length = 0;
  }

  #tileOf(i: number): Uint8Array {
    const { size, channels } = this.#o;
    const part = channels * size * size;
    return this.#pixels.subarray(i * part, (i + 1) * part);
  }

  #brightPeak(i: number, reconstruction: Float32Array): number {
    const { size } = this.#o;
    const area = size * size;
    const tile = this.#pending[i]!;
    const place = { x: this.#parts.peakX[tile]!, y: this.#parts.peakY[tile]! };
    const valid = this.#valid.subarray(i * area, (i + 1) * area);
    return residualAt(this.#tileOf(i), valid, reconstruction, size, place);
  }

  async #score(): Promise<void> {
    const { scoreAt } = this.#scorer;
    // Where the engine looks at the peaks by itself, no picture has to come back from it.
    if (scoreAt) {
      this.#note(await scoreAt.call(this.#scorer, this.#batch(), this.#peaks()));
      return;
    }
    const parts = this.#parts;
    const scores = await this.#scorer.score(this.#batch());
    const part = this.#o.channels * this.#o.size ** 2;
    this.#pending.forEach((tile, i) => {
      parts.l2[tile] = scores.l2[i]!;
      parts.muNorm[tile] = scores.muNorm[i]!;
      parts.bright[tile] = scores.bright[i]!;
      const reconstruction = scores.reconstruction.subarray(i * part, (i + 1) * part);
      parts.brightPeak[tile] = this.#brightPeak(i, reconstruction);
    });
  }

  async #screen(): Promise<void> {
    this.#note(await this.#scorer.screen!(this.#batch(), this.#peaks()));
  }

  #batch(): TileBatch {
    return { count: this.#pending.length, pixels: this.#pixels, valid: this.#valid };
  }

  #peaks(): Uint8Array {
    const { peakX, peakY } = this.#parts;
    const peaks = new Uint8Array(2 * this.#pending.length);
    this.#pending.forEach((tile, i) => {
      peaks[2 * i] = peakX[tile]!;
      peaks[2 * i + 1] = peakY[tile]!;
    });
    return peaks;
  }

  #note(scores: PeakScores): void {
    const parts = this.#parts;
    this.#pending.forEach((tile, i) => {
      parts.l2[tile] = scores.l2[i]!;
      parts.muNorm[tile] = scores.muNorm[i]!;
      parts.bright[tile] = scores.bright[i]!;
      parts.brightPeak[tile] = scores.brightPeak[i]!;
    });
  }

  #leaveUnseen(): void {
    const parts = this.#parts;
    for (const tile of this.#pending) parts.l2[tile] = parts.muNorm[tile] = parts.bright[tile] = NaN;
  }

  async #findHardware(): Promise<void> {
    if (!this.#hardware) return;
    const parts = this.#parts;
    const part = this.#o.channels * this.#o.size ** 2;
    const found = await this.#hardware.find(this.#pending.length, this.#pixels, part);
    const note = { lander: 0, small: 0, tracks: 0, x: 0, y: 0 };
    for (let i = 0; i < this.#pending.length; i++) {
      const tile = this.#pending[i]!;
      note.lander = found.lander[i]!;
      note.small = found.small[i]!;
      note.tracks = found.tracks[i]!;
      note.x = found.x[i]!;
      note.y = found.y[i]!;
      // Of an open tile TRI's peak is still needed: the residual is measured there.
      noteHardware(parts, tile, note, this.#marks === 0);
    }
  }
}

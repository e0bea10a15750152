import { TILE_STATES, type TileParts } from '../domain/tile.js';
import { findNullPixels } from '../tiling/null-pixels.js';
import { TileInspector } from '../tiling/inspect-tile.js';
import { validColumns } from '../domain/valid-columns.js';
import { contrastField } from './contrast-field.js';
import { DeviceStrip } from './device-strip.js';
import { HardwareFinder, type HardwareLogits } from './hardware-logits.js';
import { residualAt } from './residual-peak.js';
import type { Scorer } from './scorer.js';
import { emptyParts, type StripJob } from './strip-job.js';
import { TRI_MARGIN, TriFinder } from './tri.js';

/** TRI's peak says where a body is more sharply than a cell does, when they mean the same body. */
const SAME_BODY_PX = 8;
const SCORED = TILE_STATES.indexOf('scored');

/** Scores strips one after the other, with buffers that it keeps. */
export class StripScorer {
  readonly #scorer: Scorer;
  readonly #channels: number;
  readonly #batch: number;
  #contrast: Float32Array | undefined;
  #pixels = new Uint8Array(0);
  #valid = new Uint8Array(0);

  /** @param o.batch tiles a call of the model. */
  constructor(scorer: Scorer, o: { channels: number; batch: number }) {
    this.#scorer = scorer;
    this.#channels = o.channels;
    this.#batch = o.batch;
  }

  /**
   * Raw score parts of a job's tiles, row by row of the grid. Scores of masked tiles are NaN.
   *
   * @throws the signal's reason when it is aborted, between two batches.
   */
  async score(job: StripJob, signal?: AbortSignal): Promise<TileParts> {
    const { strip, plan, grid, masks } = job;
    const { size, xs, ys } = grid;
    const parts = emptyParts((plan.rowTo - plan.rowFrom) * xs.length);
    const nulls = findNullPixels(strip, masks);
    const inspector = new TileInspector(strip, nulls, size, masks);
    const columns = validColumns(strip.width);
    const width = columns.to - columns.from;
    const field = contrastField(
      {
        firstLine: strip.firstLine,
        width,
        lines: strip.lines,
        data: strip.data,
        stride: strip.width,
        offset: columns.from,
        nulls,
      },
      TRI_MARGIN,
      this.#contrast,
    );
    this.#contrast = field.values;
    const tri = new TriFinder(field, job.shadow);
    const ask = this.#scorer.hardware;
    const hardware = ask ? new HardwareFinder(ask, size, job.shadow) : null;
    const device = DeviceStrip.of(this.#scorer, job, parts, nulls);
    const pending: number[] = [];
    this.#pixels = new Uint8Array(this.#batch * this.#channels * size * size);
    this.#valid = new Uint8Array(this.#batch * size * size);

    for (let i = 0; i < parts.count; i++) {
      const x = xs[i % xs.length]!;
      const y = ys[plan.rowFrom + Math.floor(i / xs.length)]!;
      const tile = inspector.inspect(x, y);
      parts.state[i] = tile.state;
      if (tile.state !== SCORED) {
        parts.l2[i] =
          parts.muNorm[i] =
          parts.bright[i] =
          parts.brightPeak[i] =
          parts.tri[i] =
          parts.mad[i] =
            NaN;
        continue;
      }
      const left = x - columns.from;
      const top = y - strip.firstLine;
      const peak = tri.peak(left, top, size);
      parts.tri[i] = peak.value;
      parts.peakX[i] = peak.x;
      parts.peakY[i] = peak.y;
      parts.mad[i] = tile.spread;
      if (device) {
        device.add(i, x, y, tile.median);
        continue;
      }
      this.#append(pending.length, size * size, (pixels, valid) => inspector.cut(x, y, tile, pixels, valid));
      pending.push(i);
      if (pending.length === this.#batch) await this.#flush(pending, parts, size, hardware, signal);
    }
    await this.#flush(pending, parts, size, hardware, signal);
    await device?.score(this.#batch, (tile, found) => note(parts, tile, found), signal);
    return parts;
  }

  /** Puts a tile behind the pending ones; a grey tile is the same in every channel. */
  #append(at: number, area: number, cut: (pixels: Uint8Array, valid: Uint8Array) => void): void {
    const from = at * this.#channels * area;
    const pixels = this.#pixels.subarray(from, from + this.#channels * area);
    cut(pixels, this.#valid.subarray(at * area, (at + 1) * area));
    for (let channel = 1; channel < this.#channels; channel++) pixels.copyWithin(channel * area, 0, area);
  }

  async #flush(
    pending: number[],
    parts: TileParts,
    size: number,
    hardware: HardwareFinder | null,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    if (pending.length === 0) return;
    const scores = await this.#scorer.score({
      count: pending.length,
      pixels: this.#pixels,
      valid: this.#valid,
    });
    const area = size * size;
    const part = this.#channels * area;
    pending.forEach((tile, i) => {
      parts.l2[tile] = scores.l2[i]!;
      parts.muNorm[tile] = scores.muNorm[i]!;
      parts.bright[tile] = scores.bright[i]!;
      parts.brightPeak[tile] = residualAt(
        this.#pixels.subarray(i * part, (i + 1) * part),
        this.#valid.subarray(i * area, (i + 1) * area),
        scores.reconstruction.subarray(i * part, (i + 1) * part),
        size,
        { x: parts.peakX[tile]!, y: parts.peakY[tile]! },
      );
    });
    if (hardware) await this.#findHardware(pending, parts, hardware, area, part);
    pending.length = 0;
  }

  async #findHardware(
    pending: readonly number[],
    parts: TileParts,
    hardware: HardwareFinder,
    area: number,
    part: number,
  ): Promise<void> {
    const tileAt = (i: number): Uint8Array => this.#pixels.subarray(i * part, i * part + area);
    const found = await hardware.find(pending.length, tileAt);
    pending.forEach((tile, i) => note(parts, tile, found[i]!));
  }
}

/** Writes what the learned scorer says of a tile, which may also know better where its body is. */
function note(parts: TileParts, tile: number, { lander, small, tracks, x, y }: HardwareLogits): void {
  parts.lander[tile] = thousandths(lander);
  parts.small[tile] = thousandths(small);
  parts.tracks[tile] = eighths(tracks);
  const apart = Math.hypot(parts.peakX[tile]! - x, parts.peakY[tile]! - y);
  if (lander <= 0 || apart <= SAME_BODY_PX) return;
  parts.peakX[tile] = x;
  parts.peakY[tile] = y;
}

/** Logits as TileParts keeps them. */
function thousandths(logit: number): number {
  return Math.round(1000 * Math.min(Math.max(logit, -32), 32));
}

function eighths(logit: number): number {
  return Math.round(8 * Math.min(Math.max(logit, -15), 15));
}

import { TILE_MARKS, TILE_STATES, type TileParts } from '../domain/tile.js';
import { findNullPixels } from '../tiling/null-pixels.js';
import { Histograms } from '../tiling/histograms.js';
import { nothingSeen, TileInspector } from '../tiling/inspect-tile.js';
import { validColumns } from '../domain/valid-columns.js';
import { contrastField } from './contrast-field.js';
import { DeviceStrip } from './device-strip.js';
import { noteHardware } from './note-hardware.js';
import { sampleRow } from './screen/sample-plan.js';
import type { Scorer } from './scorer.js';
import { StripKernels } from './strip-kernels.js';
import { emptyParts, type ConfirmJob, type Passes, type StripJob } from './strip-job.js';
import { TileScorer } from './tile-scorer.js';
import { TriPeaks } from './tri-peaks.js';
import { TILE_BORDER, TRI_MARGIN, TriFinder, type TriPeak } from './tri.js';

const SCORED = TILE_STATES.indexOf('scored');
const IN_FP32: Passes = { vae: 'fp32', net: 'fp32' };

/** Scores strips one after the other, with buffers that it keeps. */
export class StripScorer {
  readonly #scorer: Scorer;
  readonly #channels: number;
  readonly #batch: number;
  readonly #histograms = new Histograms();
  #kernels: StripKernels | undefined;
  #scoringMs = 0;

  /** @param o.batch tiles a call of the model. */
  constructor(scorer: Scorer, o: { channels: number; batch: number }) {
    this.#scorer = scorer;
    this.#channels = o.channels;
    this.#batch = o.batch;
  }

  /** Spent so far on scoring, in the networks and besides, and not on masks and cutting. */
  get scoringSeconds(): number {
    return this.#scoringMs / 1000;
  }

  /**
   * Raw score parts of a job's tiles, row by row of the grid. Scores of masked tiles are NaN. The tiles of the
   * job's sample are scored in fp32, the others as its passes say.
   *
   * @throws the signal's reason when it is aborted, between two batches.
   */
  async score(job: StripJob, signal?: AbortSignal): Promise<TileParts> {
    const { strip, plan, grid, masks, sample = null, passes = IN_FP32 } = job;
    const { size, xs, ys } = grid;
    const parts = emptyParts((plan.rowTo - plan.rowFrom) * xs.length);
    const nulls = findNullPixels(strip, masks);
    const inspector = new TileInspector(strip, nulls, size, masks, this.#histograms);
    const columns = validColumns(strip.width);
    const kernels = (this.#kernels ??= new StripKernels());
    const fieldStarted = performance.now();
    const field = contrastField(
      {
        firstLine: strip.firstLine,
        width: columns.to - columns.from,
        lines: strip.lines,
        data: strip.data,
        stride: strip.width,
        offset: columns.from,
        nulls,
      },
      TRI_MARGIN,
      kernels,
      linesSearched(job),
    );
    const tri = new TriPeaks(
      new TriFinder(field, job.shadow),
      xs.map((x) => x - columns.from),
      ys.subarray(plan.rowFrom, plan.rowTo).map((y) => y - strip.firstLine),
      size,
    );
    this.#scoringMs += performance.now() - fieldStarted;
    const peak: TriPeak = { value: 0, x: 0, y: 0 };
    const device = DeviceStrip.of(this.#scorer, job, parts, nulls);
    const exact = this.#queue(IN_FP32, parts, size, job.shadow);
    const others = sample === null ? exact : this.#queue(passes, parts, size, job.shadow);

    const seen = Array.from(xs, nothingSeen);
    const sampled = new Uint8Array(xs.length).fill(1);
    for (let row = plan.rowFrom; row < plan.rowTo; row++) {
      const first = (row - plan.rowFrom) * xs.length;
      const y = ys[row]!;
      for (let column = 0; column < xs.length; column++) {
        inspector.inspect(xs[column]!, y, seen[column]);
        parts.state[first + column] = seen[column]!.state;
      }
      if (sample !== null) {
        sampled.fill(0);
        for (const column of sampleRow(sample, row, (at) => seen[at]!.state === SCORED)) sampled[column] = 1;
      }
      const peaksStarted = performance.now();
      for (let column = 0; column < xs.length; column++) {
        if (seen[column]!.state !== SCORED) continue;
        const i = first + column;
        tri.find(column, row - plan.rowFrom, peak);
        parts.tri[i] = peak.value;
        parts.peakX[i] = peak.x;
        parts.peakY[i] = peak.y;
        // A reconstruction is nowhere below black, so that the light itself is the most that a residual can be.
        if (sampled[column] === 0 && passes.vae === 'unseen')
          parts.brightPeak[i] = kernels.lightAround(xs[column]!, y - strip.firstLine, size, peak);
      }
      this.#scoringMs += performance.now() - peaksStarted;
      for (let column = 0; column < xs.length; column++) {
        const i = first + column;
        const tile = seen[column]!;
        if (tile.state !== SCORED) {
          markMasked(parts, i);
          continue;
        }
        const x = xs[column]!;
        parts.mad[i] = tile.spread;
        const isSampled = sampled[column] === 1;
        parts.marks[i] = (isSampled ? TILE_MARKS.sampled : 0) | (tile.invalid > 0 ? TILE_MARKS.filled : 0);
        if (device) {
          device.add(i, x, y, tile.median);
          continue;
        }
        const queue = isSampled ? exact : others;
        queue.add(i, (pixels, valid) => inspector.cut(x, y, tile, pixels, valid));
        if (queue.full) await this.#flush(queue, signal);
      }
    }
    await this.#flush(exact, signal);
    await this.#flush(others, signal);
    const deviceStarted = performance.now();
    await device?.score(this.#batch, (tile, found) => noteHardware(parts, tile, found, true), signal);
    this.#scoringMs += performance.now() - deviceStarted;
    return parts;
  }

  /**
   * Parts in fp32 of tiles that a pass has left open; what needs no network is not among them.
   *
   * @throws the signal's reason when it is aborted, between two batches.
   */
  async confirm(job: ConfirmJob, size: number, signal?: AbortSignal): Promise<TileParts> {
    const parts = emptyParts(job.count);
    parts.peakX.set(job.peakX);
    parts.peakY.set(job.peakY);
    const area = size * size;
    const queue = this.#queue(IN_FP32, parts, size, job.shadow);
    for (let i = 0; i < job.count; i++) {
      const cut = (pixels: Uint8Array, valid: Uint8Array): void => {
        pixels.set(job.pixels.subarray(i * area, (i + 1) * area));
        valid.set(job.valid.subarray(i * area, (i + 1) * area));
      };
      queue.add(i, cut);
      if (queue.full) await this.#flush(queue, signal);
    }
    await this.#flush(queue, signal);
    return parts;
  }

  async #flush(queue: TileScorer, signal?: AbortSignal): Promise<void> {
    const started = performance.now();
    await queue.flush(signal);
    this.#scoringMs += performance.now() - started;
  }

  #queue(passes: Passes, parts: TileParts, size: number, shadow: StripJob['shadow']): TileScorer {
    const o = { size, shadow, channels: this.#channels, batch: this.#batch };
    return new TileScorer(this.#scorer, parts, { ...passes, ...o });
  }
}

/** Lines of a strip whose contrast the search for peaks in its tiles looks at. */
function linesSearched({ strip, plan, grid }: StripJob): { from: number; to: number } {
  const around = TRI_MARGIN - TILE_BORDER;
  const top = grid.ys[plan.rowFrom]! - strip.firstLine;
  const end = grid.ys[plan.rowTo - 1]! + grid.size - strip.firstLine;
  return { from: Math.max(0, top - around), to: Math.min(strip.lines, end + around) };
}

function markMasked(parts: TileParts, tile: number): void {
  parts.l2[tile] =
    parts.muNorm[tile] =
    parts.bright[tile] =
    parts.brightPeak[tile] =
    parts.tri[tile] =
    parts.mad[tile] =
      NaN;
}

import { Presets, SingleBar } from 'cli-progress';
import type { Losses } from './losses.js';
import type { TrainingProgress } from './train-model.js';
import type { Epoch, TrainingPosition } from './training-state.js';

/** Shows a training to the person who started it. */
export interface ProgressDisplay {
  /** Work on whole images before and after the training. @param doing e.g. `Reading` */
  images(doing: string, done: number, total: number): void;
  resumed(position: TrainingPosition): void;
  progress(progress: TrainingProgress): void;
  epoch(epoch: Epoch, isBest: boolean): void;
  stop(): void;
}

/** Seconds between log lines where there is no terminal. */
const LOG_EVERY_S = 30;

/** A bar with rate and remaining time on a terminal, a line now and then elsewhere. Writes to `stream` only. */
export function createProgressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  return stream.isTTY ? new BarDisplay(stream) : new LineDisplay(stream);
}

const TRAINING_FORMAT =
  '{bar} {percentage}% epoch {epoch}, {rate} tiles/s, loss {loss}, divergence {divergence}, {remaining} left';
const IMAGES_FORMAT = '{bar} {doing} images: {value}/{total}, {rate} a minute, {eta_formatted} left';

class BarDisplay implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  #bar: SingleBar | null = null;
  #format = '';
  #started = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  images(doing: string, done: number, total: number): void {
    const minutes = (performance.now() - this.#started) / 60_000;
    const rate = done > 0 && this.#format === IMAGES_FORMAT ? (done / minutes).toFixed(1) : '?';
    this.#draw(IMAGES_FORMAT, done, total, { doing, rate });
    if (done === total) this.stop();
  }

  resumed(position: TrainingPosition): void {
    this.#line(describeResumption(position));
  }

  progress(progress: TrainingProgress): void {
    this.#draw(TRAINING_FORMAT, progress.tiles, progress.tilesTotal, {
      epoch: `${progress.epoch}/${progress.epochs}`,
      rate: progress.tilesPerSecond.toFixed(0),
      loss: progress.loss.toFixed(1),
      divergence: progress.divergence.toFixed(1),
      remaining: formatDuration(progress.etaSeconds),
    });
  }

  epoch(epoch: Epoch, isBest: boolean): void {
    this.#line(describeEpoch(epoch, isBest));
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
    this.#format = '';
  }

  #draw(format: string, done: number, total: number, payload: object): void {
    if (this.#bar !== null && this.#format === format) {
      this.#bar.update(done, payload);
      return;
    }
    this.stop();
    this.#started = performance.now();
    this.#format = format;
    this.#bar = new SingleBar(
      { format, stream: this.#stream, hideCursor: true, etaBuffer: 20 },
      Presets.shades_classic,
    );
    this.#bar.start(total, done, payload);
  }

  /** On the bar's own line, which its next drawing puts below. */
  #line(text: string): void {
    this.#stream.write(`\r\u001b[K${text}\n`);
  }
}

class LineDisplay implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  #last = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  images(doing: string, done: number, total: number): void {
    if (this.#isDue()) this.#stream.write(`${doing} images: ${done} of ${total}\n`);
  }

  resumed(position: TrainingPosition): void {
    this.#stream.write(`${describeResumption(position)}\n`);
  }

  progress(progress: TrainingProgress): void {
    if (!this.#isDue()) return;
    const { epoch, epochs, tiles, tilesTotal, tilesPerSecond, etaSeconds, loss, divergence } = progress;
    const percent = ((100 * tiles) / tilesTotal).toFixed(0);
    this.#stream.write(
      `${percent} % epoch ${epoch}/${epochs}, ${tilesPerSecond.toFixed(0)} tiles/s, loss ${loss.toFixed(1)}, divergence ${divergence.toFixed(1)}, ${formatDuration(etaSeconds)} left\n`,
    );
  }

  epoch(epoch: Epoch, isBest: boolean): void {
    this.#stream.write(`${describeEpoch(epoch, isBest)}\n`);
  }

  stop(): void {
    // Lines need no end.
  }

  #isDue(): boolean {
    if (performance.now() - this.#last < 1000 * LOG_EVERY_S) return false;
    this.#last = performance.now();
    return true;
  }
}

function describeResumption({ epochs, done, order, seconds }: TrainingPosition): string {
  const within = done === 0 ? '' : ` and ${done} of ${order.length} tiles`;
  return `Going on from the checkpoint after ${epochs.length} ${epochs.length === 1 ? 'epoch' : 'epochs'}${within}, ${formatDuration(seconds)} of training.`;
}

function describeEpoch({ epoch, training, validation, seconds }: Epoch, isBest: boolean): string {
  const validated =
    validation === null ? '' : `, validation ${describeLosses(validation)}${isBest ? ' (best)' : ''}`;
  return `epoch ${epoch}: ${describeLosses(training)}${validated}, ${formatDuration(seconds)}`;
}

function describeLosses({ loss, squaredError, divergence }: Losses): string {
  return `${loss.toFixed(2)} (squared error ${squaredError.toFixed(2)}, divergence ${divergence.toFixed(2)})`;
}

/** e.g. `42 s`, `12 min`, `3 h 05 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

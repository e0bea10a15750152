import { Presets, SingleBar } from 'cli-progress';
import type { Losses } from './losses.js';
import type { Epoch, TrainingProgress } from './train-model.js';

/** Shows a training to the person who started it. */
export interface ProgressDisplay {
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

class BarDisplay implements ProgressDisplay {
  readonly #bar: SingleBar;
  readonly #stream: NodeJS.WriteStream;
  #total = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    const format = '{bar} {percentage}% epoch {epoch}, {rate} tiles/s, loss {loss}, {remaining} left';
    this.#bar = new SingleBar({ format, stream, hideCursor: true, etaBuffer: 1 }, Presets.shades_classic);
  }

  progress(progress: TrainingProgress): void {
    const payload = {
      epoch: `${progress.epoch}/${progress.epochs}`,
      rate: progress.tilesPerSecond.toFixed(0),
      loss: progress.loss.toFixed(1),
      remaining: formatDuration(progress.etaSeconds),
    };
    if (this.#total === 0) {
      this.#total = progress.tilesTotal;
      this.#bar.start(progress.tilesTotal, progress.tiles, payload);
    } else {
      this.#bar.update(progress.tiles, payload);
    }
  }

  epoch(epoch: Epoch, isBest: boolean): void {
    // On the bar's own line, which its next drawing puts below.
    this.#stream.write(`\r\u001b[K${describeEpoch(epoch, isBest)}\n`);
  }

  stop(): void {
    this.#bar.stop();
  }
}

class LineDisplay implements ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  #last = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  progress(progress: TrainingProgress): void {
    if (performance.now() - this.#last < 1000 * LOG_EVERY_S) return;
    this.#last = performance.now();
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

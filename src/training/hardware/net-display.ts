import { Presets, SingleBar } from 'cli-progress';
import { formatDuration } from '../progress-display.js';
import type { NetProgress } from './train-net.js';

/** Seconds between log lines where there is no terminal. */
const LOG_EVERY_S = 30;

export interface NetDisplay {
  progress(progress: NetProgress): void;
  stop(): void;
}

/** A bar with rate and remaining time on a terminal, a line now and then elsewhere. */
export function createNetDisplay(stream: NodeJS.WriteStream): NetDisplay {
  if (!stream.isTTY) return lines(stream);
  const format = '{bar} {percentage}% {rate} tiles/s, loss {loss}, {remaining} left';
  const bar = new SingleBar({ format, stream, hideCursor: true, etaBuffer: 1 }, Presets.shades_classic);
  let started = false;
  return {
    progress: (p) => {
      const payload = {
        rate: p.examplesPerSecond.toFixed(0),
        loss: p.loss.toFixed(2),
        remaining: formatDuration(p.etaSeconds),
      };
      if (started) bar.update(p.step, payload);
      else bar.start(p.steps, p.step, payload);
      started = true;
    },
    stop: () => bar.stop(),
  };
}

function lines(stream: NodeJS.WriteStream): NetDisplay {
  let last = performance.now();
  return {
    progress: ({ step, steps, loss, examplesPerSecond, etaSeconds }) => {
      if (performance.now() - last < 1000 * LOG_EVERY_S) return;
      last = performance.now();
      stream.write(
        `step ${step}/${steps}, ${examplesPerSecond.toFixed(0)} tiles/s, loss ${loss.toFixed(2)}, ${formatDuration(etaSeconds)} left\n`,
      );
    },
    stop: () => undefined,
  };
}

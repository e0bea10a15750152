import type { Logger } from './logger.js';
import { terminalBars } from './terminal-bars.js';

/** Progress of one piece of work with a known size. */
export interface Progress {
  /** @param total where it is known only on the way */
  update(done: number, total?: number): void;
  stop(): void;
}

const LINE_EVERY_MS = 10_000;

/**
 * Shows work of more than a moment: a bar with rate and ETA on a terminal, a log line each ten seconds
 * elsewhere.
 *
 * @param unit what is counted, e.g. `tiles`
 */
export function startProgress(log: Logger, title: string, total: number, unit: string): Progress {
  const started = performance.now();
  if (process.stderr.isTTY) {
    const bar = terminalBars.add(
      `${title} {bar} {percentage}% {value}/{total} ${unit} {rate} ${unit}/s ETA {eta_formatted}`,
      total,
    );
    return {
      update: (done, known) => {
        if (known !== undefined) bar.setTotal(known);
        bar.update(done, { rate: rateOf(done, started) });
      },
      stop: () => terminalBars.remove(bar),
    };
  }
  let last = started;
  return {
    update(done, known) {
      if (known !== undefined) total = known;
      const now = performance.now();
      if (now - last < LINE_EVERY_MS) return;
      last = now;
      const rate = rateOf(done, started);
      const eta = rate > 0 ? Math.round((total - done) / rate) : null;
      log.info({ title, done, total, unit, rate, etaSeconds: eta }, 'Progress');
    },
    stop: () => undefined,
  };
}

function rateOf(done: number, started: number): number {
  const seconds = (performance.now() - started) / 1000;
  const rate = seconds > 0 ? done / seconds : 0;
  // Images come at less than one a second.
  return rate < 10 ? Number(rate.toPrecision(2)) : Math.round(rate);
}

/** Writes whole lines to stdout; above the bars where both are on the terminal. */
export function printLines(lines: readonly string[]): void {
  const text = lines.map((line) => `${line}\n`).join('');
  if (!process.stdout.isTTY || !terminalBars.above(text)) process.stdout.write(text);
}

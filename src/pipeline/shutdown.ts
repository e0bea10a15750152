import { OperationalError } from '../domain/errors.js';
import type { Logger } from '../telemetry/logger.js';

/** Ctrl-C, a service manager, a terminal that closes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Below the 30 s after which the service files in `deploy/` have a process killed. */
const LONGEST_MS = 25_000;

/**
 * Two-signal shutdown and an orderly release of what was opened. The first signal aborts
 * `signal`: work in hand is given back to the queue and the process ends by itself. The second one forces, and so
 * does the time where something does not come to an end, such as a database that does not answer: what was not
 * given back is taken up when its lease ends.
 */
export class Shutdown {
  private readonly controller = new AbortController();
  private readonly releasers: { name: string; release: () => Promise<void> }[] = [];
  private readonly log: Logger;
  private readonly longestMs: number;
  private overdue: NodeJS.Timeout | undefined;
  private readonly onSignal = (name: NodeJS.Signals) => {
    if (this.controller.signal.aborted) {
      this.log.warn({ signal: name }, 'Shutdown:Forced');
      process.exit(130);
    }
    this.log.info({ signal: name }, 'Shutdown:Asked');
    this.overdue = setTimeout(() => {
      this.log.warn({ seconds: this.longestMs / 1000 }, 'Shutdown:Overdue');
      process.exit(130);
    }, this.longestMs).unref();
    this.controller.abort(new OperationalError('stopped', `Stopped by ${name} before the end.`));
  };

  /** @param longestMs after the first signal, until the process is ended whatever it waits for */
  constructor(log: Logger, longestMs = LONGEST_MS) {
    this.log = log;
    this.longestMs = longestMs;
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Registers what must be closed; closed in reverse order. */
  onRelease(name: string, release: () => Promise<void>): void {
    this.releasers.push({ name, release });
  }

  /** Closes everything, also when one of them fails. */
  async release(): Promise<void> {
    for (let last = this.releasers.pop(); last !== undefined; last = this.releasers.pop()) {
      try {
        await last.release();
      } catch (error) {
        this.log.warn({ err: error, resource: last.name }, 'Shutdown:ReleaseFailed');
      }
    }
    clearTimeout(this.overdue);
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }
}

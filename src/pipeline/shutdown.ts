import { OperationalError } from '../domain/errors.js';
import type { Logger } from '../telemetry/logger.js';

/** Ctrl-C, a service manager, a terminal that closes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Two-signal shutdown and an orderly release of what was opened. The first signal aborts
 * `signal`: work in hand is given back to the queue and the process ends by itself. The second one forces.
 */
export class Shutdown {
  private readonly controller = new AbortController();
  private readonly releasers: { name: string; release: () => Promise<void> }[] = [];
  private readonly log: Logger;
  private readonly onSignal = (name: NodeJS.Signals) => {
    if (this.controller.signal.aborted) {
      this.log.warn({ signal: name }, 'Shutdown:Forced');
      process.exit(130);
    }
    this.log.info({ signal: name }, 'Shutdown:Asked');
    this.controller.abort(new OperationalError('stopped', `Stopped by ${name} before the end.`));
  };

  constructor(log: Logger) {
    this.log = log;
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
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }
}

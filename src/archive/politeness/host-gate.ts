import type { Clock } from '../../domain/clock.js';
import type { ArchiveObserver } from '../http/archive-observer.js';
import {
  DEFAULT_BREAKER,
  HEALTHY,
  afterRequest,
  circuitPhase,
  type BreakerLimits,
  type HostState,
  type RequestOutcome,
} from './circuit.js';
import { circuitOpen, heldOff } from './gate-errors.js';
import { WaitingLine, untilAborted } from './waiting-line.js';

/**
 * Politeness towards a host: so many requests at a time, spaced, and none while its circuit is open. The local
 * gate holds it within a process; one over the database holds it for a deployment.
 */
export interface HostGate {
  /**
   * Waits for the host's turn.
   * @throws TransientError `held_off` when the host asked to be left alone for long, `circuit_open` at once while
   *   its circuit is open
   */
  acquire(host: string, signal?: AbortSignal): Promise<HostSlot>;
}

export interface HostSlot {
  /** @param outcome how the request ended; default: the host answered */
  release(outcome?: RequestOutcome): Promise<void>;
}

export interface LocalGateOptions {
  /**
   * With one connection the pause between the end of a request and the start of the next one to the same host,
   * with several the pause between their starts, ms.
   */
  readonly spacingMs: number;
  /** A host that wants a longer pause than this is not waited for: the request fails, to be tried later, ms. */
  readonly patienceMs: number;
  readonly clock: Clock;
  /** Requests to one host at a time. Default 1. */
  readonly connections?: number;
  readonly breaker?: BreakerLimits;
  readonly observer?: ArchiveObserver;
}

/** The gate of a single process. */
export function createLocalGate(options: LocalGateOptions): HostGate {
  const lanes = new Map<string, Lane>();
  return {
    async acquire(host, signal) {
      const lane = lanes.get(host) ?? new Lane(host, options);
      lanes.set(host, lane);
      await lane.enter(signal);
      return {
        release(outcome = { kind: 'ok' }) {
          lane.leave(outcome);
          return Promise.resolve();
        },
      };
    },
  };
}

/** The way to one host. */
class Lane {
  readonly #host: string;
  readonly #options: LocalGateOptions;
  readonly #connections: number;
  readonly #line = new WaitingLine();
  #state: HostState = HEALTHY;
  #asking = 0;
  #left = nextEvent();

  constructor(host: string, options: LocalGateOptions) {
    this.#host = host;
    this.#options = options;
    this.#connections = options.connections ?? 1;
  }

  async enter(signal: AbortSignal | undefined): Promise<void> {
    const leaveLine = await this.#line.enter(signal);
    try {
      await this.#free(signal);
      this.#asking++;
      const { clock, spacingMs } = this.#options;
      const nextRequestAt = Math.max(this.#state.nextRequestAt, clock.now().getTime() + spacingMs);
      this.#state = { ...this.#state, nextRequestAt };
    } finally {
      leaveLine();
    }
  }

  leave(outcome: RequestOutcome): void {
    const { clock, breaker = DEFAULT_BREAKER, observer } = this.#options;
    const spacingMs = this.#connections === 1 ? this.#options.spacingMs : 0;
    this.#state = afterRequest(this.#state, outcome, clock.now().getTime(), breaker, spacingMs);
    const { openUntil } = this.#state;
    observer?.circuit?.(this.#host, openUntil === null ? null : new Date(openUntil));
    this.#asking--;
    this.#left.happen();
    this.#left = nextEvent();
  }

  async #free(signal: AbortSignal | undefined): Promise<void> {
    const { clock, patienceMs, spacingMs } = this.#options;
    for (;;) {
      signal?.throwIfAborted();
      const now = clock.now().getTime();
      const phase = circuitPhase(this.#state, now);
      const waitMs = this.#state.nextRequestAt - now;
      if (phase === 'open') {
        throw circuitOpen(this.#host, this.#state, Math.max((this.#state.openUntil ?? now) - now, waitMs));
      }
      if (this.#asking >= (phase === 'half-open' ? 1 : this.#connections)) {
        await untilAborted(this.#left.promise, signal);
      } else if (waitMs > Math.max(patienceMs, spacingMs)) {
        throw heldOff(this.#host, waitMs);
      } else if (waitMs > 0) {
        await clock.sleep(waitMs, signal);
      } else {
        return;
      }
    }
  }
}

function nextEvent(): { readonly promise: Promise<void>; readonly happen: () => void } {
  let happen: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (happen = resolve));
  return { promise, happen };
}

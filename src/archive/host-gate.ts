import { TransientError } from '../domain/errors.js';
import type { Clock } from '../domain/clock.js';

/**
 * Politeness towards a host: one request at a time, spaced. The local gate holds it within a process; one over
 * the database holds it for a deployment.
 */
export interface HostGate {
  /** Waits for the host's turn. @throws TransientError when the host asked to be left alone for long */
  acquire(host: string, signal?: AbortSignal): Promise<HostSlot>;
}

export interface HostSlot {
  /** @param pauseMs leave the host alone at least this long, where it asked for it */
  release(pauseMs?: number): Promise<void>;
}

export interface LocalGateOptions {
  /** Pause between the end of a request and the start of the next one to the same host, ms. */
  readonly spacingMs: number;
  /** A host that wants a longer pause than this is not waited for: the request fails, to be tried later, ms. */
  readonly patienceMs: number;
  readonly clock: Clock;
}

interface Lane {
  /** Settles when the request before has ended. */
  tail: Promise<unknown>;
  notBefore: number;
}

/** The gate of a single process. */
export function createLocalGate({ spacingMs, patienceMs, clock }: LocalGateOptions): HostGate {
  const lanes = new Map<string, Lane>();

  async function turn(lane: Lane, host: string, signal: AbortSignal | undefined): Promise<void> {
    const waitMs = lane.notBefore - clock.now().getTime();
    if (waitMs > Math.max(patienceMs, spacingMs)) {
      const retryAfterS = Math.ceil(waitMs / 1000);
      throw new TransientError('held_off', `${host} asked to be left alone for ${retryAfterS} s more.`, {
        retryAfterS,
      });
    }
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }

  return {
    async acquire(host, signal) {
      const lane = lanes.get(host) ?? { tail: Promise.resolve(), notBefore: 0 };
      lanes.set(host, lane);
      const before = lane.tail;
      let end: () => void = () => undefined;
      const mine = new Promise<void>((resolve) => (end = resolve));
      lane.tail = before.then(() => mine);
      try {
        await untilAborted(before, signal);
        await turn(lane, host, signal);
      } catch (error) {
        end();
        throw error;
      }
      return {
        release(pauseMs = 0) {
          lane.notBefore = Math.max(lane.notBefore, clock.now().getTime() + Math.max(spacingMs, pauseMs));
          end();
          return Promise.resolve();
        },
      };
    },
  };
}

/** The promise's end, or the signal's reason as soon as it is aborted. */
async function untilAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return void (await promise);
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

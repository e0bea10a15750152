import { randomUUID } from 'node:crypto';
import type { ArchiveObserver } from '../archive/http/archive-observer.js';
import { DEFAULT_BREAKER, type BreakerLimits, type RequestOutcome } from '../archive/politeness/circuit.js';
import { circuitOpen, heldOff } from '../archive/politeness/gate-errors.js';
import type { HostGate, HostSlot } from '../archive/politeness/host-gate.js';
import { WaitingLine } from '../archive/politeness/waiting-line.js';
import type { Clock } from '../domain/clock.js';
import { TransientError } from '../domain/errors.js';
import type { Database } from '../store/database.js';
import {
  acquireFetchSlot,
  leaveFetchLine,
  releaseFetchSlot,
  renewFetchSlot,
  type FetchSlot,
} from '../store/queries/fetch-slot.js';

const LEASE_S = 60;
/** While others have all slots, whoever is next in line asks again after a nap that grows so, ms. */
const FIRST_NAP_MS = 10;
const LONGEST_NAP_MS = 250;

export interface DeploymentGateOptions {
  readonly holder: string;
  /**
   * With one connection the pause between the end of a request and the start of the next one to the same host,
   * with several the pause between their starts, ms.
   */
  readonly spacingMs: number;
  /** A host that wants longer than this is left alone: the request fails, to be tried later, ms. */
  readonly patienceMs: number;
  readonly clock: Clock;
  /** Requests to one host at a time, of all processes together. Default 1. */
  readonly connections?: number;
  readonly breaker?: BreakerLimits;
  readonly observer?: ArchiveObserver;
}

/**
 * The gate of a whole deployment: whoever asks holds one of the host's leased slots in the database, where the
 * pauses and the circuit of each host are kept, too (design, invariant 7). Of each process one waits at the
 * database, the others in line behind it; of the processes the first to come is the first to be served.
 */
export function createDeploymentGate(db: Database, options: DeploymentGateOptions): HostGate {
  const { observer, clock } = options;
  const waiter = `${options.holder}/${randomUUID()}`;
  const lines = new Map<string, WaitingLine>();

  const observe = (host: string, openForMs: number | null): void =>
    observer?.circuit?.(host, openForMs === null ? null : new Date(clock.now().getTime() + openForMs));

  return {
    async acquire(host, signal) {
      const line = lines.get(host) ?? new WaitingLine();
      lines.set(host, line);
      const leaveLine = await line.enter(signal);
      try {
        return slotOf(db, await waitForSlot(db, host, waiter, options, observe, signal), options, observe);
      } catch (error) {
        if (signal?.aborted) await leaveFetchLine(db, host, waiter).catch(() => undefined);
        throw error;
      } finally {
        leaveLine();
      }
    },
  };
}

type Observe = (host: string, openForMs: number | null) => void;

async function waitForSlot(
  db: Database,
  host: string,
  waiter: string,
  { holder, connections = 1, spacingMs, patienceMs, clock }: DeploymentGateOptions,
  observe: Observe,
  signal: AbortSignal | undefined,
): Promise<FetchSlot> {
  const longestMs = Math.max(patienceMs, spacingMs);
  const request = {
    ...{ host, holder, waiter, connections, leaseSeconds: LEASE_S },
    spacingSeconds: spacingMs / 1000,
    patienceSeconds: longestMs / 1000,
  };
  let napMs = FIRST_NAP_MS;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await acquireFetchSlot(db, request);
    observe(host, answer.openForMs);
    if (answer.granted) return answer.slot;
    const { reason, retryInMs } = answer;
    if (reason === 'open') throw circuitOpen(host, answer, retryInMs);
    if (retryInMs > longestMs) throw heldOff(host, retryInMs);
    if (reason === 'pause') {
      // All who wait know the end of a pause; whoever is next asks first.
      await clock.sleep(retryInMs + answer.ahead * FIRST_NAP_MS * Math.random(), signal);
    } else {
      await clock.sleep(napMs * Math.min(answer.ahead + 1, 4) * (0.5 + Math.random() / 2), signal);
      napMs = Math.min(napMs * 1.5, LONGEST_NAP_MS);
    }
  }
}

/** The slot, renewed until it is given back. */
function slotOf(db: Database, slot: FetchSlot, options: DeploymentGateOptions, observe: Observe): HostSlot {
  const { connections = 1, spacingMs, breaker = DEFAULT_BREAKER } = options;
  const renewal = setInterval(
    () => {
      // A renewal that fails lets the lease run out; the request itself goes on to its end.
      renewFetchSlot(db, slot, LEASE_S).catch(() => undefined);
    },
    (LEASE_S * 1000) / 3,
  );
  return {
    async release(outcome = { kind: 'ok' }) {
      clearInterval(renewal);
      try {
        const { openForMs } = await releaseFetchSlot(db, slot, {
          ...told(outcome),
          spacingSeconds: connections === 1 ? spacingMs / 1000 : 0,
          breakerFailures: breaker.failures,
          breakerSeconds: breaker.openMs / 1000,
        });
        observe(slot.host, openForMs);
      } catch (error) {
        // The database is away: the request's own end counts, and the lease runs out by itself.
        if (!(error instanceof TransientError)) throw error;
      }
    },
  };
}

function told(outcome: RequestOutcome) {
  const { kind } = outcome;
  if (kind === 'ok' || kind === 'none') return { outcome: kind };
  const pauseMs = kind === 'pause' ? outcome.pauseMs : null;
  return {
    outcome: kind,
    error: outcome.reason,
    pauseSeconds: pauseMs === null ? null : pauseMs / 1000,
  };
}

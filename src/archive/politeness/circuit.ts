/** When a host is left alone after failures, and for how long. */
export interface BreakerLimits {
  /** Requests that fail one after the other until the circuit opens, at least 1. */
  readonly failures: number;
  /** How long it stays open the first time, ms; doubled at each opening without a success in between. */
  readonly openMs: number;
}

/** What is known of a host's health; times are ms since the epoch. */
export interface HostState {
  /** Requests that failed one after the other. */
  readonly failures: number;
  /** null while the circuit is closed; a time that has passed means half-open. */
  readonly openUntil: number | null;
  /** How often the circuit opened without a success in between. */
  readonly openings: number;
  /** No request starts before. */
  readonly nextRequestAt: number;
  /** Why the last request failed. */
  readonly lastError: string | null;
}

export type CircuitPhase = 'closed' | 'half-open' | 'open';

/** How a request ended, as far as it tells of the host. */
export type RequestOutcome =
  /** The host answered, be it that something is not there. */
  | { readonly kind: 'ok' }
  /** 5xx, a broken connection, a stall. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The host asks to be left alone: counts as failed. `pauseMs` is null where it does not say how long. */
  | { readonly kind: 'pause'; readonly reason: string; readonly pauseMs: number | null }
  /** Ended by us, or for a reason of this machine: tells nothing. */
  | { readonly kind: 'none' };

export const HEALTHY: HostState = {
  failures: 0,
  openUntil: null,
  openings: 0,
  nextRequestAt: 0,
  lastError: null,
};

export const DEFAULT_BREAKER: BreakerLimits = { failures: 5, openMs: 300_000 };

/** The longest that a circuit stays open, ms. */
export const LONGEST_OPEN_MS = 86_400_000;
/** First pause after a 429 that does not say how long, ms; doubled with each further failure. */
export const THROTTLE_MS = 10_000;
/** The longest such pause, as long as the longest Retry-After that is believed. */
export const LONGEST_THROTTLE_MS = 3_600_000;

/** Open: nobody asks. Half-open: one request at a time tries. */
export function circuitPhase({ openUntil }: Pick<HostState, 'openUntil'>, now: number): CircuitPhase {
  if (openUntil === null) return 'closed';
  return openUntil > now ? 'open' : 'half-open';
}

/**
 * A host's state after a request. `release_fetch_slot` of migration 0007 does the same in the database.
 * @param spacingMs pause after the end of every request
 */
export function afterRequest(
  state: HostState,
  outcome: RequestOutcome,
  now: number,
  limits: BreakerLimits,
  spacingMs: number,
): HostState {
  const next = judged(state, outcome, now, limits);
  const pauseMs = outcome.kind === 'pause' ? (outcome.pauseMs ?? throttleMs(next.failures)) : 0;
  return { ...next, nextRequestAt: Math.max(state.nextRequestAt, now + Math.max(spacingMs, pauseMs)) };
}

function judged(state: HostState, outcome: RequestOutcome, now: number, limits: BreakerLimits): HostState {
  if (outcome.kind === 'none') return state;
  if (outcome.kind === 'ok') return { ...HEALTHY, nextRequestAt: state.nextRequestAt };
  const phase = circuitPhase(state, now);
  // Requests that began before the circuit opened tell what is known already.
  if (phase === 'open') return state;
  const failures = state.failures + 1;
  const failed = { ...state, failures, lastError: outcome.reason };
  if (phase === 'closed' && failures < limits.failures) return failed;
  const openMs = Math.min(LONGEST_OPEN_MS, limits.openMs * 2 ** Math.min(state.openings, 30));
  return { ...failed, openUntil: now + openMs, openings: state.openings + 1 };
}

function throttleMs(failures: number): number {
  return Math.min(LONGEST_THROTTLE_MS, THROTTLE_MS * 2 ** Math.min(Math.max(failures - 1, 0), 20));
}

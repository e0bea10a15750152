import type { LoggedRequest } from './request-log.js';

/** How a host was asked. */
export interface RequestRate {
  readonly requests: number;
  /** Largest number of requests that began within any window of the given length. */
  readonly mostInWindow: number;
  /**
   * Of the times from the end of a request, or of those still open then, to the beginning of the next the one that a
   * hundredth of them is below, ms: a log that is late at one end makes single ones short. Of fewer than a hundred it is
   * the shortest; 0 where requests overlapped; null for fewer than two requests.
   */
  readonly lowGapMs: number | null;
  /** Most requests open at once. */
  readonly mostOpen: number;
}

/** A request that began and ended within one tick of the clock was open all the same. */
const SHORTEST_MS = 1e-6;

type TimedRequest = Pick<LoggedRequest, 'host' | 'startedAt' | 'endedAt'>;

/**
 * How each host was asked.
 * @param windowS length of the window, seconds
 */
export function requestRates(
  entries: readonly TimedRequest[],
  windowS: number,
): Readonly<Record<string, RequestRate>> {
  const hosts = new Map<string, TimedRequest[]>();
  for (const entry of entries) {
    const asked = hosts.get(entry.host) ?? [];
    asked.push(entry);
    hosts.set(entry.host, asked);
  }
  return Object.fromEntries([...hosts].map(([host, asked]) => [host, requestRate(asked, windowS)]));
}

/** The same for requests of one host, or of several taken as one. */
export function requestRate(entries: readonly TimedRequest[], windowS: number): RequestRate {
  const asked = [...entries].sort((a, b) => a.startedAt - b.startedAt);
  const gaps = gapsOf(asked);
  return {
    requests: asked.length,
    mostInWindow: mostInWindow(
      asked.map(({ startedAt }) => startedAt),
      windowS * 1000,
    ),
    lowGapMs: gaps[Math.floor(gaps.length / 100)] ?? null,
    mostOpen: mostOpen(asked),
  };
}

/** A window holds its beginning and not its end. */
function mostInWindow(starts: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  starts.forEach((start, last) => {
    while ((starts[first] ?? start) <= start - windowMs) first++;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

/** In ascending order. */
function gapsOf(asked: readonly TimedRequest[]): number[] {
  const gaps: number[] = [];
  let end = -Infinity;
  for (const { startedAt, endedAt } of asked) {
    if (end > -Infinity) gaps.push(Math.max(0, startedAt - end));
    end = Math.max(end, endedAt ?? Infinity);
  }
  return gaps.sort((a, b) => a - b);
}

function mostOpen(asked: readonly TimedRequest[]): number {
  const changes = asked.flatMap(({ startedAt, endedAt }) => [
    { at: startedAt, by: 1 },
    { at: Math.max(endedAt ?? Infinity, startedAt + SHORTEST_MS), by: -1 },
  ]);
  // One that ends as another begins is not open with it.
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let open = 0;
  let most = 0;
  for (const { by } of changes) most = Math.max(most, (open += by));
  return most;
}

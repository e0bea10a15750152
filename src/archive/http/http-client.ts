import type { Readable } from 'node:stream';
import fetch, { type Response } from 'node-fetch';
import type { Clock } from '../../domain/clock.js';
import { TransientError, isUserFacing } from '../../domain/errors.js';
import type { ArchiveObserver, RequestResult } from './archive-observer.js';
import type { RequestOutcome } from '../politeness/circuit.js';
import type { HostGate } from '../politeness/host-gate.js';
import { errorOfFailure, errorOfStatus, isMissing } from './http-errors.js';
import { PRIVATE_ADDRESS, Reach, type Network } from './reach.js';
import { isRedirect, nextHop, privateHop } from './redirects.js';
import { withRetries } from './retry.js';
import { Watchdog } from './watchdog.js';

const TAKEN = new Set([200, 206, 304]);

export interface HttpClientOptions {
  /** Says who asks and how to reach them. */
  readonly userAgent: string;
  /** Politeness per host, this process's or the whole deployment's. */
  readonly gate: HostGate;
  readonly clock: Clock;
  /** An answer that stalls this long is given up, ms. */
  readonly timeoutMs: number;
  /** Further attempts after passing trouble. */
  readonly retries: number;
  /** First wait before another attempt, ms; the following ones grow with jitter. */
  readonly backoffMs?: number;
  /** Longest wait before another attempt, ms. */
  readonly maxBackoffMs?: number;
  /** Sockets to one host, as many as the gate lets ask at a time. Default 1. */
  readonly connections?: number;
  readonly observer?: ArchiveObserver;
  /** What names and addresses mean. Default: as this machine resolves them. */
  readonly network?: Network;
}

export type Headers = Readonly<Record<string, string>>;

export interface GetOptions {
  /** Given as a function they are asked for anew at each attempt. */
  readonly headers?: Headers | (() => Headers);
  /** Statuses that `consume` takes beside 200, 206 and 304, e.g. 412 or 416. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal | undefined;
  /** Overrides the client's number of retries. */
  readonly retries?: number | undefined;
}

/**
 * An answer with status 200, 206, 304 or one that was asked for; `body` can be iterated once, while the host's
 * slot is held. What is left of it then is dropped.
 */
export interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Buffer>;
}

/** How a hop ended: for the gate, and for those who count. */
interface Ending {
  outcome: RequestOutcome;
  result: RequestResult;
}

/**
 * Polite GET requests: as many at a time per host as the gate allows, spaced, identified, with a stall timeout
 * and retries. Redirects are followed hop by hop, so that each host on the way has its own turn and headers such
 * as Range stay, and as far as `Reach` lets them lead.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #reach: Reach;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#reach = new Reach(options.connections ?? 1, options.network);
  }

  /**
   * Gets `url` and hands the answer to `consume`; the whole of it is repeated after passing trouble, also when
   * that comes in the middle of the body.
   * @throws MissingProductError 403, 404 · TransientError `throttled` (429), `http_status` (5xx), `network`, `tls`,
   *   `timeout`, `redirect`, `held_off`, `circuit_open` · OperationalError otherwise
   */
  get<T>(url: string, consume: (answer: Answer) => Promise<T>, options: GetOptions = {}): Promise<T> {
    const { clock, retries, backoffMs = 1000, maxBackoffMs = 120_000 } = this.#options;
    return withRetries(
      () => this.#follow(new URL(url), consume, options),
      { clock, retries: options.retries ?? retries, initialDelayMs: backoffMs, maxDelayMs: maxBackoffMs },
      options.signal,
    );
  }

  close(): void {
    this.#reach.close();
  }

  async #follow<T>(start: URL, consume: (answer: Answer) => Promise<T>, options: GetOptions): Promise<T> {
    const way: URL[] = [start];
    for (let url = start; ;) {
      const result = await this.#hop(url, way, consume, options);
      if ('value' in result) return result.value;
      url = nextHop(way, result.location);
      way.push(url);
      if (this.#reach.refuses(way)) throw privateHop(way);
    }
  }

  /** One request to one host, the last of its way, holding its slot until the body is consumed. */
  async #hop<T>(
    url: URL,
    way: readonly URL[],
    consume: (answer: Answer) => Promise<T>,
    { headers, accept = [], signal }: GetOptions,
  ): Promise<{ value: T } | { location: string | null }> {
    const { gate, observer, timeoutMs, userAgent } = this.#options;
    const asked = performance.now();
    const slot = await gate.acquire(url.host, signal);
    observer?.waited?.(url.host, (performance.now() - asked) / 1000);
    const watchdog = new Watchdog(timeoutMs, signal);
    const ending: Ending = { outcome: { kind: 'none' }, result: 'dropped' };
    let response: Response | null = null;
    try {
      response = await watchdog.guard(
        fetch(url.href, {
          headers: { ...(typeof headers === 'function' ? headers() : headers), 'User-Agent': userAgent },
          redirect: 'manual',
          signal: watchdog.signal,
          agent: this.#reach.agent(way),
        }),
      );
      const { status } = response;
      const body = watchdog.guardEach(this.#bodyOf(response, url.host));
      if (TAKEN.has(status) || accept.includes(status)) {
        const value = await consume({ status, headers: response.headers, body });
        Object.assign(ending, ANSWERED);
        return { value };
      }
      await discard(body);
      signal?.throwIfAborted();
      if (isRedirect(status)) {
        Object.assign(ending, ANSWERED, { result: 'redirect' });
        return { location: response.headers.get('location') };
      }
      const error = errorOfStatus(response, url.href, this.#options.clock.now());
      Object.assign(ending, endingOfStatus(status, error));
      throw error;
    } catch (cause) {
      signal?.throwIfAborted();
      if (watchdog.expired && ending.result === 'dropped') {
        Object.assign(ending, failed(`stalled for ${timeoutMs / 1000} s`));
        throw stalled(url, timeoutMs);
      }
      // What `consume` found wrong with an answer is said of one file, not of the host.
      if (isUserFacing(cause) && ending.result === 'dropped') Object.assign(ending, ANSWERED);
      const error = codeOf(cause) === PRIVATE_ADDRESS ? privateHop(way) : errorOfFailure(cause, url.href);
      if (error !== cause && error instanceof TransientError) {
        Object.assign(ending, failed(codeOf(cause) ?? error.code));
      }
      throw error;
    } finally {
      watchdog.stop();
      // A body that nobody read to its end would hold a connection.
      (response?.body as Readable | null | undefined)?.destroy();
      observer?.request?.(url.host, ending.result);
      await slot.release(ending.outcome);
    }
  }

  async *#bodyOf(response: Response, host: string): AsyncGenerator<Buffer> {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Buffer>) {
      this.#options.observer?.bytes?.(host, chunk.length);
      yield chunk;
    }
  }
}

const ANSWERED: Ending = { outcome: { kind: 'ok' }, result: 'ok' };

function failed(reason: string): Ending {
  return { outcome: { kind: 'failed', reason }, result: 'failed' };
}

function endingOfStatus(status: number, error: Error): Ending {
  const reason = `HTTP ${status}`;
  if (isMissing(status)) return { ...ANSWERED, result: 'missing' };
  if (!(error instanceof TransientError)) return { ...ANSWERED, result: 'refused' };
  if (status !== 429 && error.retryAfterS === undefined) return failed(reason);
  const pauseMs = error.retryAfterS === undefined ? null : error.retryAfterS * 1000;
  return { outcome: { kind: 'pause', reason, pauseMs }, result: 'throttled' };
}

/**
 * Reads the rest of a small answer, so that the connection can serve the next request; drops a large one, and one
 * that breaks off: its status and headers say all that counts.
 */
async function discard(body: AsyncIterable<Buffer>): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > 65_536) return;
    }
  } catch {
    return;
  }
}

function stalled(url: URL, timeoutMs: number): TransientError {
  return new TransientError(
    'timeout',
    `${url.href} stalled for ${timeoutMs / 1000} s; it is asked again later.`,
  );
}

function codeOf(cause: unknown): string | null {
  const code = (cause as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : null;
}

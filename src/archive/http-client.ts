import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import fetch, { type Response } from 'node-fetch';
import type { Clock } from '../domain/clock.js';
import { OperationalError, TransientError } from '../domain/errors.js';
import { isWeb } from './archive-urls.js';
import type { HostGate } from './host-gate.js';
import { errorOfFailure, errorOfStatus } from './http-errors.js';
import { withRetries } from './retry.js';
import { Watchdog } from './watchdog.js';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
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

/**
 * Polite GET requests: one at a time per host, spaced, identified, with a stall timeout and retries. Redirects
 * are followed hop by hop, so that each host on the way has its own turn and headers such as Range stay.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 1 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 1 }),
  };

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /**
   * Gets `url` and hands the answer to `consume`; the whole of it is repeated after passing trouble, also when
   * that comes in the middle of the body.
   * @throws MissingProductError 403, 404 · TransientError 429, 5xx, network, stall · OperationalError otherwise
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
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #follow<T>(start: URL, consume: (answer: Answer) => Promise<T>, options: GetOptions): Promise<T> {
    let url = start;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      if (!isWeb(url))
        throw new OperationalError('redirect', `${start.href} leads to ${url.href}: not http.`);
      const result = await this.#hop(url, consume, options);
      if ('value' in result) return result.value;
      url = result.location;
    }
    throw new TransientError('redirect', `${start.href} redirects more than ${MAX_REDIRECTS} times.`);
  }

  /** One request to one host, holding its slot until the body is consumed. */
  async #hop<T>(
    url: URL,
    consume: (answer: Answer) => Promise<T>,
    { headers, accept = [], signal }: GetOptions,
  ): Promise<{ value: T } | { location: URL }> {
    const slot = await this.#options.gate.acquire(url.host, signal);
    const watchdog = new Watchdog(this.#options.timeoutMs, signal);
    let pauseMs = 0;
    let response: Response | null = null;
    try {
      response = await watchdog.guard(
        fetch(url.href, {
          headers: {
            ...(typeof headers === 'function' ? headers() : headers),
            'User-Agent': this.#options.userAgent,
          },
          redirect: 'manual',
          signal: watchdog.signal,
          agent: ({ protocol }) => this.#agents[protocol === 'https:' ? 'https:' : 'http:'],
        }),
      );
      const { status } = response;
      if (TAKEN.has(status) || accept.includes(status)) {
        const body = watchdog.guardEach(bodyOf(response));
        return { value: await consume({ status, headers: response.headers, body }) };
      }
      await discard(watchdog.guardEach(bodyOf(response)));
      const location = response.headers.get('location');
      if (REDIRECTS.has(status) && location !== null && URL.canParse(location, url.href)) {
        return { location: new URL(location, url.href) };
      }
      throw errorOfStatus(response, url.href, this.#options.clock.now());
    } catch (cause) {
      signal?.throwIfAborted();
      const error = watchdog.expired
        ? stalled(url, this.#options.timeoutMs)
        : errorOfFailure(cause, url.href);
      if (error instanceof TransientError) pauseMs = (error.retryAfterS ?? 0) * 1000;
      throw error;
    } finally {
      watchdog.stop();
      // A body that nobody read to its end would hold the host's one connection.
      (response?.body as Readable | null | undefined)?.destroy();
      await slot.release(pauseMs);
    }
  }
}

function bodyOf(response: Response): AsyncIterable<Buffer> {
  return (response.body ?? []) as AsyncIterable<Buffer>;
}

/** Reads the rest of a small answer, so that the connection can serve the next request; drops a large one. */
async function discard(body: AsyncIterable<Buffer>): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > 65_536) return;
  }
}

function stalled(url: URL, timeoutMs: number): TransientError {
  return new TransientError(
    'timeout',
    `${url.href} stalled for ${timeoutMs / 1000} s; it is asked again later.`,
  );
}

import type { Clock } from '../../domain/clock.js';
import { OperationalError, TransientError } from '../../domain/errors.js';
import { assertNotPage } from '../http/content-check.js';
import type { Answer, HttpClient } from '../http/http-client.js';
import { retryAfterSeconds } from '../http/retry-after.js';
import { withRetries } from '../http/retry.js';
import { parseAnswer, type OdeResults } from './ode-answer.js';
import { assertApplied, odeUrl, type OdeParameters } from './ode-query.js';
import { ODE_LIMITS, RequestWindow, type RequestLimits } from './request-window.js';

/** ODE's own way to say "slower". */
const THROTTLED = new Set([403, 429, 503]);
/** Wait after such an answer without Retry-After: its whole window. */
const THROTTLE_WAIT_S = 90;
/** Statuses that are read here: elsewhere 403 and 404 mean a product that is not there yet. */
const READ_HERE = [...Array.from({ length: 100 }, (_, n) => 400 + n).filter((status) => status !== 408), 503];
const INITIAL_DELAY_MS = 3000;
const MAX_DELAY_MS = 120_000;
/** Answers are cut at a few MB; nothing longer is read. */
const MAX_BYTES = 16 << 20;

export interface OdeClientOptions {
  /** Address of the ODE REST service. */
  readonly url: string;
  readonly client: HttpClient;
  readonly clock: Clock;
  /** Further attempts after passing trouble. */
  readonly retries: number;
  readonly limits?: RequestLimits;
}

/** An answer, or that ODE cannot give all of it at once. */
export type OdeReply =
  | { readonly kind: 'answer'; readonly results: OdeResults; readonly url: string }
  | { readonly kind: 'too-much'; readonly why: string; readonly url: string };

/**
 * Asks ODE, one request at a time, within ODE's own limits beside those of the client's gate. They count what this
 * process asks: a `check` beside the daemon has a count of its own, and the gate's spacing in common.
 */
export class OdeClient {
  readonly #options: OdeClientOptions;
  readonly #window: RequestWindow;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: OdeClientOptions) {
    this.#options = options;
    this.#window = new RequestWindow(options.limits ?? ODE_LIMITS);
  }

  /**
   * @param retries overrides the number of further attempts
   * @throws TransientError when ODE is throttling or cannot be reached
   * @throws OperationalError when it refuses, ignores a parameter, or is no ODE
   */
  ask(asked: OdeParameters, signal?: AbortSignal, retries = this.#options.retries): Promise<OdeReply> {
    const { url: base, clock } = this.#options;
    const url = odeUrl(base, { ...asked, output: 'JSON' });
    const retry = { retries, initialDelayMs: INITIAL_DELAY_MS, maxDelayMs: MAX_DELAY_MS, clock };
    const mine = this.#tail.then(() => withRetries(() => this.#once(asked, url, signal), retry, signal));
    this.#tail = mine.catch(() => undefined);
    return mine;
  }

  async #once(asked: OdeParameters, url: string, signal?: AbortSignal): Promise<OdeReply> {
    const { client, clock } = this.#options;
    // A clock that was set back in between must not make it longer.
    const waitMs = Math.min(this.#window.earliest() - clock.now().getTime(), this.#window.longestMs);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    // Asked for at the start of each request, redirects among them.
    const headers = () => {
      this.#window.started(clock.now().getTime());
      return { Accept: 'application/json' };
    };
    const options = { headers, accept: READ_HERE, retries: 0, signal };
    try {
      return await client.get(url, (answer) => this.#read(asked, url, answer, signal), options);
    } finally {
      this.#window.ended(clock.now().getTime());
    }
  }

  async #read(asked: OdeParameters, url: string, answer: Answer, signal?: AbortSignal): Promise<OdeReply> {
    const { status, headers } = answer;
    if (THROTTLED.has(status)) {
      const told = retryAfterSeconds(headers.get('retry-after'), this.#options.clock.now());
      throw new TransientError('throttled', `${url} answered HTTP ${status}; it is asked again later.`, {
        retryAfterS: told ?? THROTTLE_WAIT_S,
      });
    }
    const body = await bodyOf(answer, signal);
    if (typeof body !== 'string') return { kind: 'too-much', why: body.problem, url };
    const refused = status >= 400;
    if (!refused) assertNotPage(headers.get('content-type'), Buffer.from(body.slice(0, 512)), url);
    const results = parseAnswer(body, url);
    if (refused)
      throw new OperationalError('ode_status', `${url} answered HTTP ${status}; check archive.ode.`);
    if (results === null) return { kind: 'too-much', why: 'JSON that ends in the middle', url };
    // A list of sets does not repeat what was asked, and is read by name anyway.
    if (asked['query'] === 'product')
      assertApplied({ ...asked, output: 'JSON' }, results.QuerySummary ?? {}, url);
    return { kind: 'answer', results, url };
  }
}

/** The whole body, or what kept it from coming: a break in the middle means that less must be asked at once. */
async function bodyOf(answer: Answer, signal?: AbortSignal): Promise<string | { problem: string }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) return { problem: `more than ${MAX_BYTES >> 20} MB` };
      chunks.push(chunk);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (bytes === 0) throw error;
    return { problem: 'an answer that broke off in the middle' };
  }
  return Buffer.concat(chunks).toString('utf8');
}

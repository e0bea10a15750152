import fetch, { FetchError } from 'node-fetch';
import { OperationalError, TransientError } from '../domain/errors.js';
import type { AllowedAddresses } from './addresses.js';
import { FORBIDDEN, checkHost, forbidden, guardedAgent, type Resolve } from './guarded-agent.js';

export interface PostOptions {
  readonly allowed: AllowedAddresses;
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** Resolves names; the system's resolver where none is given. */
  readonly resolve?: Resolve;
}

export type Post = (
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<void>;

/**
 * Posts JSON and is content with any 2xx. Redirects are not followed, since they may lead anywhere; nothing of the
 * answer is read but its status line and headers. Messages name the host alone: the rest of an address may be secret.
 *
 * @throws TransientError where the receiver cannot be reached, does not answer in time, or answers 408, 429 or 5xx.
 * @throws OperationalError for any other answer, and for a forbidden address
 */
export function createPost(options: PostOptions): Post {
  const agent = guardedAgent(options.allowed, options.resolve);
  return async (address, body, headers, signal) => {
    const url = new URL(address);
    checkHost(url, options.allowed);
    const timeout = AbortSignal.timeout(options.timeoutMs);
    let response;
    try {
      // Given a signal that is aborted already, node-fetch destroys the body with an error that nobody can catch.
      signal.throwIfAborted();
      response = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'user-agent': options.userAgent, ...headers },
        redirect: 'manual',
        agent,
        signal: AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      throw explain(error, url, timeout.aborted, signal, options.timeoutMs);
    }
    (response.body as unknown as { destroy?: () => void } | null)?.destroy?.();
    if (response.ok) return;
    throw refusal(response.status, url.host, response.headers.get('retry-after'));
  };
}

function explain(error: unknown, url: URL, late: boolean, signal: AbortSignal, timeoutMs: number): unknown {
  if (signal.aborted) return signal.reason;
  if (late)
    return new TransientError('alert_timeout', `${url.host} did not answer within ${timeoutMs / 1000} s.`);
  // Of an error in the way of a connection node-fetch hands on the code alone.
  const code = error instanceof FetchError ? error.code : undefined;
  if (code === FORBIDDEN) return forbidden(url.hostname);
  return new TransientError(
    'alert_unreachable',
    `${url.host} cannot be reached (${code ?? 'no connection'}).`,
  );
}

function refusal(status: number, host: string, retryAfter: string | null): Error {
  if (status >= 300 && status < 400)
    return new OperationalError(
      'alert_redirect',
      `${host} redirects (${status}), which is not followed; give the address it leads to.`,
    );
  const message = `${host} answered ${status}.`;
  if (status >= 500 || status === 429 || status === 408) {
    const retryAfterS = seconds(retryAfter);
    return new TransientError('alert_answer', message, retryAfterS === undefined ? {} : { retryAfterS });
  }
  return new OperationalError('alert_answer', message);
}

/** `Retry-After`: seconds, or a date. */
function seconds(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000);
}

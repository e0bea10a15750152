import { TransientError } from '../../domain/errors.js';
import { isWeb } from '../archive-urls.js';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/**
 * Where a redirect leads: an absolute address, one without a scheme (`//host/…`) or a path, on whatever host.
 * @param way the addresses that were asked so far, the last of them redirected; at least one
 * @throws TransientError `redirect` where it leads nowhere, to something else than http, with a user or password, in a
 *   circle or too far
 */
export function nextHop(way: readonly URL[], location: string | null): URL {
  const start = way[0]?.href ?? '';
  const from = way[way.length - 1]?.href ?? start;
  const again = 'it is asked again later.';
  if (location === null || location.trim() === '' || !URL.canParse(location, from)) {
    const what =
      location === null ? 'without an address' : `to "${location.slice(0, 100)}", which is no address`;
    throw redirectError(`${from} redirects ${what}; ${again}`);
  }
  const to = new URL(location, from);
  to.hash = '';
  if (!isWeb(to)) throw redirectError(`${start} leads to ${to.href}: not http; ${again}`);
  if (to.username + to.password !== '') {
    throw redirectError(`${start} leads to ${to.host} with a user or password, which are not sent; ${again}`);
  }
  if (way.some(({ href }) => href === to.href)) {
    throw redirectError(`${start} redirects in a circle, back to ${to.href}; ${again}`);
  }
  if (way.length > MAX_REDIRECTS) {
    throw redirectError(`${start} redirects more than ${MAX_REDIRECTS} times; ${again}`);
  }
  return to;
}

/** That the last address of a way is one that a redirect from the internet must not lead to. */
export function privateHop(way: readonly URL[]): TransientError {
  const [start, to] = [way[0]?.href ?? '', way[way.length - 1]?.host ?? ''];
  return redirectError(
    `${start} leads from the internet to ${to}, which is at a private or reserved address; it is asked again later.`,
  );
}

function redirectError(message: string): TransientError {
  return new TransientError('redirect', message);
}

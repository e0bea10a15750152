import type { FastifyRequest } from 'fastify';

/**
 * Whether a request that changes something comes from the page itself or from a program, and not from a web page
 * elsewhere that a browser shows: browsers tell where a request comes from, programs do not.
 *
 * @param url address by which people know the server where that is another one, e.g. a proxy's; empty = none
 */
export function isSameOrigin({ headers }: Pick<FastifyRequest, 'headers'>, url: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin } = headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return host === headers.host || (URL.canParse(url) && host === new URL(url).host);
}

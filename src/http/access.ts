import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isSignedLink, type LinkPads } from './chip-link.js';

export const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
/** For probes, which carry no token and may call by any name. */
const PROBES = new Set(['/healthz', '/readyz']);
const COOKIE = 'selenoscan';

/**
 * Lets in who may: by bearer token, or by the cookie that `/?token=…` leaves in a browser. Without a token the
 * server listens on the loopback alone; then only requests that name the loopback as their host pass, so that a
 * web page elsewhere cannot reach it through a name of its own that points here (DNS rebinding).
 *
 * @param listen.url address that people know the server by, e.g. a proxy's, whose name passes as well; empty = none
 * @param listen.links key of the links to pictures that need no token; none = there are no such links
 * @param open whether a path is for everybody: the page's own files, which hold no results
 */
export function guardAccess(
  app: FastifyInstance,
  { token, url, links }: { readonly token: string; readonly url?: string; readonly links?: LinkPads },
  open: (path: string) => boolean,
): void {
  const names = new Set([...LOOPBACK, ...(url && URL.canParse(url) ? [nameOf(new URL(url).host)] : [])]);
  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    if (PROBES.has(path)) return;
    if (token === '') {
      if (!names.has(nameOf(request.headers.host ?? '')))
        await reply.code(421).send({
          error: 'This server answers to 127.0.0.1 and localhost only; set http.url for another name.',
        });
      return;
    }
    if (links !== undefined && isSignedLink(links, request.url)) return;
    if (open(path) || same(request.headers.authorization, `Bearer ${token}`)) return;
    if (same(cookieOf(request), sessionOf(token))) return;
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ error: 'A bearer token is needed; in a browser open /?token=… once.' });
  });
}

/** The cookie for a browser that gave the right token, else null. It does not hold the token itself. */
export function sessionCookie(given: string | undefined, token: string): string | null {
  if (token === '' || given === undefined || !same(given, token)) return null;
  return `${COOKIE}=${sessionOf(token)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`;
}

function sessionOf(token: string): string {
  return createHmac('sha256', token).update('selenoscan page').digest('base64url');
}

function cookieOf(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

/** Name of a host without its port and brackets. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

/** Compared in constant time over digests of one length, so that the answer's delay tells nothing. */
function same(given: string | undefined, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(wanted));
}

import { timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import { OperationalError, UsageError, isUserFacing } from '../domain/errors.js';
import type { Metrics } from '../telemetry/metrics.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
/** For probes, which carry no token. */
const OPEN_PATHS = new Set(['/healthz', '/readyz']);

/** What the server asks of the daemon. */
export interface Vitals {
  /** Throws when the daemon cannot do its work, e.g. without its database. */
  ready(): Promise<void>;
  /** The object that `status --json` prints. */
  status(): Promise<unknown>;
}

export interface HttpServer {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Health, readiness, metrics and status of a running daemon (design 4.4).
 *
 * @param listen.token bearer token that all but health and readiness need; empty = none
 * @throws UsageError for another address than the loopback without a token
 * @throws OperationalError when the address is taken or needs rights we lack
 */
export async function startHttpServer(
  listen: { host: string; port: number; token: string },
  vitals: Vitals,
  metrics: Metrics,
): Promise<HttpServer> {
  if (listen.token === '' && !LOOPBACK.has(listen.host))
    throw new UsageError(
      `http.host is ${listen.host}, which others can reach, but no token is set; set http.token (SELENOSCAN_HTTP_TOKEN) or listen on 127.0.0.1.`,
    );
  const app = Fastify({ logger: false, forceCloseConnections: true });
  app.addHook('onRequest', async (request, reply) => {
    if (listen.token === '' || OPEN_PATHS.has(request.url)) return;
    if (!carries(request.headers.authorization, listen.token))
      await reply.code(401).send({ error: 'A bearer token is needed.' });
  });
  app.setErrorHandler((error, _request, reply) => {
    const known = isUserFacing(error);
    return reply.code(known ? 503 : 500).send({ error: known ? error.message : 'Internal error.' });
  });
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await vitals.ready();
      return { status: 'ready' };
    } catch (error) {
      return reply
        .code(503)
        .send({ status: 'not ready', reason: error instanceof Error ? error.message : '' });
    }
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.get('/api/status', () => vitals.status());
  try {
    const address = await app.listen({ host: listen.host, port: listen.port });
    return { address, close: () => app.close() };
  } catch (cause) {
    await app.close();
    throw listenError(cause, listen);
  }
}

/** Compared in constant time, so that the answer's delay tells nothing. */
function carries(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function listenError(cause: unknown, listen: { host: string; port: number }): Error {
  const code = (cause as NodeJS.ErrnoException).code;
  const place = `${listen.host}:${listen.port}`;
  if (code === 'EADDRINUSE')
    return new OperationalError(
      'port_in_use',
      `${place} is in use by another process; choose another port by http.port (SELENOSCAN_HTTP_PORT).`,
      { cause },
    );
  return new OperationalError(
    'cannot_listen',
    `Cannot listen on ${place} (${code ?? 'unknown error'}); check http.host and http.port.`,
    { cause },
  );
}

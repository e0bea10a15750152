import Fastify from 'fastify';
import { OperationalError } from '../domain/errors.js';
import type { Metrics } from '../telemetry/metrics.js';

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
 * @throws OperationalError when the address is taken or needs rights we lack
 */
export async function startHttpServer(
  listen: { host: string; port: number },
  vitals: Vitals,
  metrics: Metrics,
): Promise<HttpServer> {
  const app = Fastify({ logger: false, forceCloseConnections: true });
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

import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { LOOPBACK, PROBES } from './access.js';

/**
 * Bounds of every request, for the making of the server: 16 KiB of headers, 64 KiB of body (a route may take less),
 * 15 s for the headers and 30 s for the whole request, so that a client that sends slowly holds nothing for long.
 */
export const SERVER_LIMITS = {
  bodyLimit: 65_536,
  requestTimeout: 30_000,
  http: { maxHeaderSize: 16_384, headersTimeout: 15_000 },
} as const;

/** Connections at one time; more are closed, before they take what the scans need. */
const MOST_CONNECTIONS = 1000;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE']);
const WINDOW_MS = 60_000;
/** Clients that are remembered at one time. */
const MOST_CLIENTS = 10_000;

/** A client asked for more than its share. */
export class TooManyRequestsError extends Error {
  readonly statusCode = 429;
}

/**
 * Refuses methods that no route takes, and clients that ask too much. It must come before `guardAccess`, so that
 * guesses of the token count too.
 *
 * @param perMinute requests of one client in a minute, by its address (IPv6: its /64); 0 = no limit
 */
export async function limitRequests(app: FastifyInstance, perMinute: number): Promise<void> {
  app.server.maxConnections = MOST_CONNECTIONS;
  app.addHook('onRequest', async (request, reply) => {
    if (!METHODS.has(request.method))
      await reply
        .code(405)
        .header('allow', [...METHODS].join(', '))
        .send({ error: 'This method is not served.' });
  });
  if (perMinute === 0) return;
  await app.register(rateLimit, {
    global: false,
    max: perMinute,
    timeWindow: WINDOW_MS,
    cache: MOST_CLIENTS,
    // Probes of this machine, which restarts the daemon where they fail.
    allowList: (request) =>
      PROBES.has(request.url.split('?', 1)[0] ?? '') && LOOPBACK.has(request.ip.replace('::ffff:', '')),
    errorResponseBuilder: (_request, { after }) =>
      new TooManyRequestsError(`Too many requests; try again in ${after}.`),
  });
  app.addHook('onRequest', app.rateLimit());
}

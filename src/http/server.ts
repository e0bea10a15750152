import Fastify from 'fastify';
import { OperationalError, UsageError, isUserFacing } from '../domain/errors.js';
import type { Metrics } from '../telemetry/metrics.js';
import { LOOPBACK, guardAccess } from './access.js';
import { serveApi } from './api.js';
import { serveControls, type Controls } from './control-routes.js';
import type { LinkPads } from './chip-link.js';
import { readPageFiles, servePage } from './page-files.js';
import { BadParameterError } from './parameters.js';
import { remember } from './remember.js';
import { SERVER_LIMITS, TooManyRequestsError, limitRequests } from './request-limits.js';
import { serveProject, type ProjectMaker } from './project-route.js';
import type { ResultReader } from './result-reader.js';
import { sendSecurityHeaders } from './security-headers.js';

/** In place of what is said of an unexpected failure, which may tell of the inside. */
const UNTOLD = 'The daemon cannot do its work.';
/** How long all who ask for the status share one look at it. */
const STATUS_MS = 1000;

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

/** Where the server listens, and who may ask what. */
export interface ListenOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Bearer token that all but health, readiness and the page's own files need; empty = none. */
  readonly token: string;
  /** Address by which people know the server where that is another one, e.g. a proxy's. */
  readonly url?: string;
  /** Key of the links to pictures that need no token. */
  readonly links?: LinkPads;
  /** Requests of one client in a minute; 0 = no limit, also where it is absent. */
  readonly rate?: number;
}

export interface HttpServerOptions {
  readonly listen: ListenOptions;
  readonly vitals: Vitals;
  readonly metrics: Metrics;
  /** What the page and its API show; absent = the server has neither. */
  readonly results?: ResultReader;
  /** Makes the project of QGIS; absent = it is not served. */
  readonly project?: ProjectMaker;
  /** Pauses and the log's level; absent = nobody changes them here. */
  readonly controls?: Controls;
}

/**
 * Health, readiness, metrics and status of a running daemon, and what the options add to them.
 *
 * @throws UsageError for another address than the loopback without a token
 * @throws OperationalError when the address is taken or needs rights we lack
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { listen, vitals, metrics, results, project, controls } = options;
  if (listen.token === '' && !LOOPBACK.has(listen.host))
    throw new UsageError(
      `http.host is ${listen.host}, which others can reach, but no token is set; set http.token (SELENOSCAN_HTTP_TOKEN) or listen on 127.0.0.1.`,
    );
  const files = results === undefined ? [] : await readPageFiles();
  const paths = new Set(files.map((file) => file.path));
  const app = Fastify({ logger: false, forceCloseConnections: true, ...SERVER_LIMITS });
  sendSecurityHeaders(app);
  await limitRequests(app, listen.rate ?? 0);
  guardAccess(app, listen, (path) => paths.has(path));
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof TooManyRequestsError) return reply.code(429).send({ error: error.message });
    if (error instanceof BadParameterError) return reply.code(400).send({ error: error.message });
    const { statusCode = 500 } = error as { statusCode?: number };
    if (statusCode === 413) return reply.code(413).send({ error: 'This request is too large.' });
    if (statusCode < 500) return reply.code(statusCode).send({ error: 'This request cannot be read.' });
    const known = isUserFacing(error);
    return reply.code(known ? 503 : 500).send({ error: known ? error.message : 'Internal error.' });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'There is nothing here.' }));
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await vitals.ready();
      return { status: 'ready' };
    } catch (error) {
      return reply
        .code(503)
        .send({ status: 'not ready', reason: isUserFacing(error) ? error.message : UNTOLD });
    }
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  const status = remember(STATUS_MS, () => vitals.status());
  app.get('/api/status', () => status());
  if (results !== undefined) {
    serveApi(app, results, listen.url);
    servePage(app, files, listen.token);
  }
  if (project !== undefined) serveProject(app, project);
  if (controls !== undefined) serveControls(app, controls);
  try {
    const address = await app.listen({ host: listen.host, port: listen.port });
    return { address, close: () => app.close() };
  } catch (cause) {
    await app.close();
    throw listenError(cause, listen);
  }
}

function listenError(cause: unknown, listen: ListenOptions): Error {
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

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { UsageError } from '../domain/errors.js';
import { archiveRequest, storePath, type ArchiveRequest } from './archive-request.js';
import { controlOf, type Controls } from './control.js';
import type { LoggedRequest } from './request-log.js';
import type { Resource } from './resource.js';
import { ELSEWHERE, LOOP, otherHost, sendFault } from './send-fault.js';
import { sendResource } from './send-resource.js';
import type { Throttle } from './throttle.js';

/** What the replica offers to its HTTP side. */
export interface ReplicaContent extends Controls {
  /** A file of the archive; null when there is none. */
  file(request: ArchiveRequest): Promise<Resource | null>;
  /** Answer of the ODE service. */
  ode(parameters: URLSearchParams): Resource;
  readonly odeThrottle: Throttle;
  /** Whether requests at the front host are sent on to the store, as the archive does. */
  readonly redirect: boolean;
  /** How the store says that it has no such file; S3 says 403 to those who may not list. */
  readonly missingStatus: 403 | 404;
}

export async function handleRequest(
  content: ReplicaContent,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = `http://replica${request.url ?? '/'}`;
  if (!URL.canParse(text)) return sendText(response, 400, 'text/plain', 'bad request\n');
  const url = new URL(text);
  const control = controlOf(request, url, content);
  if (control !== null) return sendControl(response, control);
  const entry = content.requests.add(request, response);
  const { method = 'GET' } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    return sendText(response, 405, 'text/plain', 'method not allowed\n');
  }
  await answer(content, request, response, url, entry);
}

async function answer(
  content: ReplicaContent,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  entry: LoggedRequest,
): Promise<void> {
  if (url.pathname.startsWith(`${LOOP}/`)) {
    entry.fault = 'redirect-loop';
    response.writeHead(302, { Location: request.url, 'Content-Length': 0 }).end();
    return;
  }
  if (url.pathname === '/') return sendText(response, 200, 'text/html', frontPage());
  const moved = url.pathname.startsWith(`${ELSEWHERE}/`);
  if (moved) url.pathname = url.pathname.slice(ELSEWHERE.length);
  const asked = archiveRequest(request.method ?? 'GET', url, request.headers.range);
  const sentOn = asked.role === 'front' && content.redirect && !moved;
  // What a fault sent elsewhere is answered there.
  const strike = moved ? null : content.faults.take(asked, asked.role !== null && !sentOn);
  entry.fault = strike?.name ?? null;
  const effect = strike?.effect ?? {};
  if (effect.dropConnection) response.once('finish', () => response.socket?.destroySoon());
  if (effect.delayMs !== undefined) await delay(effect.delayMs);
  if (await sendFault(request, response, effect)) return;
  if (sentOn && asked.dataSet !== null) {
    const location = `${otherHost(request)}${storePath(asked.dataSet, asked.below)}`;
    response.writeHead(302, { Location: location, 'Content-Length': 0 }).end();
    return;
  }
  if (asked.role === 'ode' && content.odeThrottle.refusedFor('ode', performance.now()) > 0) {
    return sendText(response, 403, 'text/html', '<html><body>403 Forbidden</body></html>\n');
  }
  const resource = asked.role === 'ode' ? content.ode(url.searchParams) : await content.file(asked);
  if (resource === null) return sendMissing(response, asked.role === null ? 404 : content.missingStatus);
  await sendResource(request, response, resource, effect);
}

async function sendControl(response: ServerResponse, control: () => unknown): Promise<void> {
  try {
    sendJson(response, 200, await control());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    sendJson(response, 400, { error: error.message });
  }
}

function sendMissing(response: ServerResponse, status: 403 | 404): void {
  const code = status === 403 ? 'AccessDenied' : 'NoSuchKey';
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
  sendText(response, status, 'application/xml', body);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, 'application/json', `${JSON.stringify(value)}\n`);
}

function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

function frontPage(): string {
  return (
    '<!doctype html><title>LROC archive replica</title><p>A replica of the LROC archive with synthetic images. ' +
    '<a href="/truth.json">truth.json</a> tells what was planted, <a href="/log.json">log.json</a> what was ' +
    'asked, <a href="/faults">faults</a> what goes wrong; POST /release releases the next volume.\n'
  );
}

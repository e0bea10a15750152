import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, FaultList } from './faults.js';
import { DATA_SET_ID } from './index-rows.js';
import { sendResource, type Resource } from './send-resource.js';

/** What the replica offers to its HTTP side. */
export interface ReplicaContent {
  readonly faults: FaultList;
  /** A file of the data set by its path below it; null when there is none. */
  file(path: string): Promise<Resource | null>;
  truth(): Promise<unknown>;
  release(): unknown;
  /** Whether requests at the front host are sent on to the store, as the archive does. */
  readonly redirect: boolean;
  /** How the store says that it has no such file; S3 says 403 to those who may not list. */
  readonly missingStatus: 403 | 404;
}

const STORE = '/data/store/img/lunar_reconnaissance_orbiter/pds4/lroc/lro-l-lroc-3-cdr/';
/** Files stand below the root and below /data/, as on the archive's own host. */
const FRONT = new RegExp(`^(?:/data)?/${DATA_SET_ID}/`);

export async function handleRequest(
  content: ReplicaContent,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://replica');
  const { method = 'GET' } = request;
  if (method === 'POST' && url.pathname === '/release') return sendJson(response, content.release());
  if (method !== 'GET' && method !== 'HEAD') {
    return sendText(response, 405, 'text/plain', 'method not allowed\n');
  }
  const fault = content.faults.take(`${method} ${url.pathname}`);
  if (fault?.delayMs !== undefined) await delay(fault.delayMs);
  if (fault?.status !== undefined || fault?.body !== undefined) return sendFault(response, fault);
  if (url.pathname === '/truth.json') return sendJson(response, await content.truth());
  if (url.pathname === '/') return sendText(response, 200, 'text/html', frontPage());
  const path = FRONT.test(url.pathname) ? url.pathname.replace(FRONT, '') : null;
  if (path !== null && content.redirect) {
    const location = `http://${otherName(request)}${STORE}${path}`;
    response.writeHead(302, { Location: location, 'Content-Length': 0 }).end();
    return;
  }
  const below = path ?? (url.pathname.startsWith(STORE) ? url.pathname.slice(STORE.length) : null);
  const resource = below === null ? null : await content.file(below);
  if (resource === null) return sendMissing(response, below === null ? 404 : content.missingStatus);
  await sendResource(request, response, resource, fault);
}

/** The same server by its other name, so that a redirect crosses hosts. */
function otherName(request: IncomingMessage): string {
  const port = request.socket.localPort ?? 80;
  return request.headers.host?.startsWith('localhost') === true ? `127.0.0.1:${port}` : `localhost:${port}`;
}

function sendFault(response: ServerResponse, { status = 200, headers, body = '' }: Fault): void {
  response.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end(body);
}

function sendMissing(response: ServerResponse, status: 403 | 404): void {
  const code = status === 403 ? 'AccessDenied' : 'NoSuchKey';
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
  sendText(response, status, 'application/xml', body);
}

function sendJson(response: ServerResponse, value: unknown): void {
  sendText(response, 200, 'application/json', `${JSON.stringify(value)}\n`);
}

function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

function frontPage(): string {
  return (
    '<!doctype html><title>LROC archive replica</title><p>A replica of the LROC archive with synthetic images. ' +
    '<a href="/truth.json">truth.json</a> tells what was planted; POST /release releases the next volume.\n'
  );
}

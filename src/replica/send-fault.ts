import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { FaultEffect } from './fault-effect.js';

/** Below it every address is sent on to itself. */
export const LOOP = '/redirect-loop';
/** Below it the replica's files are served again, as by a host that they were moved to. */
export const ELSEWHERE = '/elsewhere';
/** A port of this machine on which nothing listens. */
const NOWHERE = 'http://127.0.0.1:1';

/** Gives the answer that a fault puts in place of the resource; false when it leaves the resource in place. */
export async function sendFault(
  request: IncomingMessage,
  response: ServerResponse,
  effect: FaultEffect,
): Promise<boolean> {
  if (effect.silent) {
    await once(response, 'close');
    return true;
  }
  if (effect.reset) {
    resetConnection(response);
    return true;
  }
  if (effect.redirect !== undefined) {
    const location = locationOf(request, effect.redirect);
    const named = location === null ? {} : { Location: location };
    response.writeHead(effect.status ?? 302, { ...named, ...effect.headers, 'Content-Length': 0 }).end();
    return true;
  }
  if (effect.status === undefined && effect.body === undefined) return false;
  const body = effect.body ?? '';
  const headers = {
    'Content-Type': 'text/html',
    'Content-Length': Buffer.byteLength(body),
    ...retryAfter(effect),
    ...effect.headers,
  };
  response.writeHead(effect.status ?? 200, headers).end(request.method === 'HEAD' ? undefined : body);
  return true;
}

/** Breaks the connection by a reset, where the connection's kind allows, else by closing it. */
export function resetConnection(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null || socket instanceof TLSSocket) response.destroy();
  else socket.resetAndDestroy();
}

/** The server by its other name, so that a redirect crosses hosts; with the scheme that it was asked by. */
export function otherHost(request: IncomingMessage): string {
  return `${schemeOf(request)}//${otherName(request)}`;
}

function otherName(request: IncomingMessage): string {
  const port = request.socket.localPort ?? 80;
  return request.headers.host?.startsWith('localhost') === true ? `127.0.0.1:${port}` : `localhost:${port}`;
}

function schemeOf(request: IncomingMessage): 'http:' | 'https:' {
  return request.socket instanceof TLSSocket ? 'https:' : 'http:';
}

function locationOf(request: IncomingMessage, kind: NonNullable<FaultEffect['redirect']>): string | null {
  const { url = '/' } = request;
  const host = request.headers.host ?? '';
  switch (kind) {
    case 'loop':
      return `${schemeOf(request)}//${host}${LOOP}${url}`;
    case 'nowhere':
      return `${NOWHERE}${url}`;
    case 'other-host':
      return `${otherHost(request)}${ELSEWHERE}${url}`;
    case 'protocol-relative':
      return `//${otherName(request)}${ELSEWHERE}${url}`;
    case 'https':
      return `https://${host}${url}`;
    case 'without-location':
      return null;
  }
}

function retryAfter({ retryAfterS, retryAfterDate }: FaultEffect): Record<string, string> {
  if (retryAfterS === undefined) return {};
  if (!retryAfterDate) return { 'Retry-After': String(retryAfterS) };
  return { 'Retry-After': new Date(Date.now() + retryAfterS * 1000).toUTCString() };
}

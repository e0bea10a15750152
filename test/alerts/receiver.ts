import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly key: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** An HTTP server that notes what it gets; `answer` decides what it says. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  answer: (request: Received, response: ServerResponse) => void | Promise<void>;
  /** Distinct idempotency keys of requests that were answered by 2xx. */
  readonly accepted: Set<string>;
  close(): Promise<void>;
}

/** @param port one to listen on again, as after a time of being down; 0 = any free one */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const accepted = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const got = {
        path: request.url ?? '',
        key: String(request.headers['idempotency-key'] ?? ''),
        body: Buffer.concat(chunks).toString(),
        headers: request.headers,
      };
      received.push(got);
      response.on('finish', () => {
        if (response.statusCode < 300) accepted.add(got.key);
      });
      void receiver.answer(got, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const at = (server.address() as AddressInfo).port;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${at}`,
    port: at,
    received,
    accepted,
    answer: (_request, response) => void response.end(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return receiver;
}

/** What a receiver does to be sure who sent something, as docs/alerts.md tells; throws where it is not so. */
export function verifySignature(secret: string, { body, headers }: Received, nowMs = Date.now()): void {
  const [, time = '', given = ''] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['selenoscan-signature'])) ?? [];
  const wanted = createHmac('sha256', secret).update(`${time}.${body}`).digest();
  if (!timingSafeEqual(wanted, Buffer.from(given, 'hex'))) throw new Error('The signature is wrong.');
  if (Math.abs(nowMs / 1000 - Number(time)) > 300) throw new Error('The signature is old.');
}

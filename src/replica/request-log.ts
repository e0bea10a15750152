import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request as the replica saw it. */
export interface LoggedRequest {
  readonly method: string;
  /** The name by which the server was asked, with the port. */
  readonly host: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Milliseconds of a steady clock. */
  readonly startedAt: number;
  /** null while it is answered. */
  endedAt: number | null;
  status: number | null;
}

const KEPT = 10_000;

/** The latest requests. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  add(request: IncomingMessage, response: ServerResponse): void {
    const entry: LoggedRequest = {
      method: request.method ?? '',
      host: request.headers.host ?? '',
      path: request.url ?? '',
      headers: request.headers,
      startedAt: performance.now(),
      endedAt: null,
      status: null,
    };
    if (this.entries.length >= KEPT) this.entries.shift();
    this.entries.push(entry);
    response.once('close', () => {
      entry.endedAt = performance.now();
      entry.status = response.statusCode;
    });
  }
}

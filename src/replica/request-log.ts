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
  /** null without an answer. */
  status: number | null;
  /** Name of the fault that struck it. */
  fault: string | null;
}

/** The latest requests. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];
  readonly #kept: number;
  #dropped = 0;

  /** @param kept most entries; when they are as many, the oldest tenth goes */
  constructor(kept: number) {
    this.#kept = kept;
  }

  /** Entries that went. */
  get dropped(): number {
    return this.#dropped;
  }

  add(request: IncomingMessage, response: ServerResponse): LoggedRequest {
    const entry: LoggedRequest = {
      method: request.method ?? '',
      host: request.headers.host ?? '',
      path: request.url ?? '',
      headers: request.headers,
      startedAt: performance.now(),
      endedAt: null,
      status: null,
      fault: null,
    };
    if (this.entries.length >= this.#kept) {
      this.#dropped += this.entries.splice(0, Math.ceil(this.#kept / 10)).length;
    }
    this.entries.push(entry);
    const end = () => {
      entry.endedAt ??= performance.now();
      entry.status = response.headersSent ? response.statusCode : null;
    };
    response.once('finish', end);
    response.once('close', end);
    return entry;
  }
}

import { connect, type Socket } from 'node:net';

/** What came over the wire in answer to one request. */
export interface RawAnswer {
  readonly status: number | null;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** All that followed the headers, chunk framing and all. */
  readonly body: Buffer;
  /** How it ended: by the length that was told, by a close or a reset before that, or not within the patience. */
  readonly end: 'complete' | 'closed' | 'reset' | 'open';
  /** Whether the connection was closed while it was watched after a complete answer. */
  readonly closedAfter: boolean;
  readonly tookMs: number;
}

/** Sends one request by hand and takes down what comes, byte by byte; follows nothing and repeats nothing. */
export async function rawGet(
  url: string,
  { headers = {}, method = 'GET', patienceMs = 300, watchMs = 0 }: RawOptions = {},
): Promise<RawAnswer> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  const started = performance.now();
  const told = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = endOf(socket);
  socket.write(`${method} ${pathname}${search} HTTP/1.1\r\n${told.join('')}\r\n`);
  let end: RawAnswer['end'] | null = null;
  let tookMs = NaN;
  while (end === null) {
    const closed = await Promise.race([ended, wait(2)]);
    const complete = isComplete(parse(Buffer.concat(chunks)), method);
    if (complete) end = 'complete';
    else if (closed !== null) end = closed;
    else if (performance.now() - started > patienceMs) end = 'open';
    tookMs = performance.now() - started;
  }
  const closedAfter = end === 'complete' && (await Promise.race([ended, wait(watchMs)])) !== null;
  socket.destroy();
  return { ...parse(Buffer.concat(chunks)), end, closedAfter, tookMs };
}

export interface RawOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  /** After so long without an end the answer counts as open, ms. */
  readonly patienceMs?: number;
  /** How long a complete answer's connection is watched for a close, ms. Default 0. */
  readonly watchMs?: number;
}

function endOf(socket: Socket): Promise<'closed' | 'reset'> {
  return new Promise((resolve) => {
    socket.once('error', () => resolve('reset'));
    socket.once('close', () => resolve('closed'));
  });
}

function wait(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}

function parse(bytes: Buffer): Pick<RawAnswer, 'status' | 'headers' | 'body'> {
  const at = bytes.indexOf('\r\n\r\n');
  if (at < 0) return { status: null, headers: {}, body: Buffer.alloc(0) };
  const [first = '', ...lines] = bytes.toString('latin1', 0, at).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: bytes.subarray(at + 4),
  };
}

function isComplete(
  { status, headers, body }: Pick<RawAnswer, 'status' | 'headers' | 'body'>,
  method: string,
): boolean {
  if (status === null) return false;
  if (method === 'HEAD' || status === 304) return true;
  if (headers['transfer-encoding'] === 'chunked') return body.toString('latin1').endsWith('0\r\n\r\n');
  return body.length >= Number(headers['content-length'] ?? Infinity);
}

/**
 * Framing of the PostgreSQL protocol, version 3: a type byte, a length that counts itself and what follows;
 * the first message of a connection has no type.
 */
export const MESSAGE = {
  query: 'Q'.charCodeAt(0),
  sync: 'S'.charCodeAt(0),
  terminate: 'X'.charCodeAt(0),
  readyForQuery: 'Z'.charCodeAt(0),
  error: 'E'.charCodeAt(0),
} as const;

/** The whole messages at the beginning of `bytes`, each with its header. */
export function* splitMessages(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start + 5 <= bytes.length;) {
    const end = start + 1 + bytes.readUInt32BE(start + 1);
    if (end > bytes.length) return;
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** Whether the message is one after which the server answers and waits. */
export function endsBatch(message: Buffer): boolean {
  const type = message[0];
  return type === MESSAGE.query || type === MESSAGE.sync || type === MESSAGE.terminate;
}

/** A statement by the simple protocol. */
export function queryMessage(sql: string): Buffer {
  return frame(MESSAGE.query, Buffer.from(`${sql}\0`));
}

/** ErrorResponse with SQLSTATE and text. */
export function errorMessage(code: string, message: string): Buffer {
  return frame(MESSAGE.error, Buffer.from(`SERROR\0VERROR\0C${code}\0M${message}\0\0`));
}

function frame(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header[0] = type;
  header.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

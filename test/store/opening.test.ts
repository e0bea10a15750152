import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { engineReason } from '../../src/store/embedded/engine-reason.js';
import { explainOpening, explainRunning } from '../../src/store/postgres/connection-errors.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';

const URL = 'postgresql://user@host/moon';
const withCode = (code: string, message = 'no') => Object.assign(new Error(message), { code });

/** What a server says at SASL's beginning (10) and in its middle (11). */
function authentication(step: number, text: string): Buffer {
  const head = Buffer.alloc(9);
  head.write('R');
  head.writeInt32BE(8 + text.length, 1);
  head.writeInt32BE(step, 5);
  return Buffer.concat([head, Buffer.from(text)]);
}

describe('a database that asks for a password that is not given', () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(authentication(10, 'SCRAM-SHA-256\0\0'));
      // The answer to this would need the password.
      socket.once('data', () => socket.write(authentication(11, 'r=x,s=c2FsdA==,i=4096')));
    });
  });
  afterAll(() => void server.close());

  it('is named in one sentence, and its connection is not left open', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const opening = openPostgres({ url: `postgresql://user@127.0.0.1:${port}/moon` });
    await expect(opening).rejects.toThrow(/refuses the login: correct the user and password/);
    for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
    expect(sockets).toHaveLength(1);
  });
});

describe('what a database refuses names its remedy', () => {
  it.each([
    ['53300', /has no connection left: end other programs, lower database\.pool/],
    ['57P03', /is starting or stopping: try again/],
    ['42501', /does not let this user do that .* grant it selenoscan_writer/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /certificate that is not trusted .* sslrootcert/],
  ])('%s', (code, sentence) => {
    expect(explainOpening(withCode(code), URL)).toMatchObject({
      name: 'OperationalError',
      message: expect.stringMatching(sentence) as string,
    });
  });

  it('of a server without TLS', () => {
    const error = new Error('The server does not support SSL connections');
    expect(explainOpening(error, URL)).toMatchObject({ code: 'database-tls' });
  });

  it('of rights that are missing while it runs', () => {
    expect(explainRunning(withCode('42501', 'permission denied for schema x'), URL)).toMatchObject({
      code: 'database-denied',
      message: expect.stringContaining('(permission denied for schema x)') as string,
    });
  });
});

describe('why the embedded engine ended', () => {
  it('is told in words, also where its file system throws a number', () => {
    expect(engineReason({ name: 'ErrnoError', errno: 51 })).toBe('its disk is full');
    expect(engineReason({ name: 'ErrnoError', errno: 77 })).toBe('error 77 of its file system');
    expect(engineReason(new Error('lost'))).toBe('lost');
    expect(engineReason('end')).toBe('end');
  });
});

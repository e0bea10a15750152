import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AllowedAddresses } from '../../src/alerts/addresses.js';
import type { Resolve } from '../../src/alerts/guarded-agent.js';
import { createPost, type PostOptions } from '../../src/alerts/post.js';
import { OperationalError, TransientError } from '../../src/domain/errors.js';
import { startReceiver, type Receiver } from './receiver.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function receiver(): Promise<Receiver> {
  const started = await startReceiver();
  open.push(started);
  return started;
}

const signal = new AbortController().signal;
const post = (changes: Partial<PostOptions> = {}) =>
  createPost({ allowed: new AllowedAddresses(['127.0.0.1']), timeoutMs: 300, userAgent: 'test', ...changes });

/** A resolver that gives one answer after the other. */
function answers(...lists: string[][]): Resolve & { asked: number } {
  const resolve = (
    _host: string,
    answer: (error: Error | null, addresses: LookupAddress[]) => void,
  ): void => {
    const list = lists[Math.min(resolve.asked++, lists.length - 1)] ?? [];
    answer(
      null,
      list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  resolve.asked = 0;
  return resolve;
}

describe('posting', () => {
  it('refuses a name that resolves to a private address, also as one of several', async () => {
    const hook = await receiver();
    const strict = new AllowedAddresses([]);
    for (const list of [
      ['127.0.0.1'],
      ['::1'],
      ['::ffff:127.0.0.1'],
      ['8.8.8.8', '10.0.0.1'],
      ['169.254.169.254'],
    ]) {
      const send = post({ allowed: strict, resolve: answers(list) });
      await expect(send(`http://rebind.example:${hook.port}/`, '{}', {}, signal)).rejects.toThrow(
        'The receiver rebind.example is at a private',
      );
    }
    await expect(
      post({ allowed: strict })(`http://localhost:${hook.port}/`, '{}', {}, signal),
    ).rejects.toThrow('alerts.private');
    expect(hook.received).toEqual([]);
  });

  it('connects to the address that was checked, and asks the name only once', async () => {
    const hook = await receiver();
    const resolve = answers(['127.0.0.1'], ['10.0.0.1']);
    await post({ resolve })(`http://hook.example:${hook.port}/x`, '{"a":1}', { 'x-more': '1' }, signal);
    expect(resolve.asked).toBe(1);
    expect(hook.received).toMatchObject([
      { path: '/x', body: '{"a":1}', headers: { host: `hook.example:${hook.port}`, 'x-more': '1' } },
    ]);
  });

  it('sends nothing once it was told to stop, and ends no process by that', async () => {
    const hook = await receiver();
    const stopped = AbortSignal.abort(new Error('told to stop'));
    await expect(post()(hook.url, '{}', {}, stopped)).rejects.toThrow('told to stop');
    expect(hook.received).toEqual([]);
  });

  it('follows no redirect', async () => {
    const [hook, inner] = [await receiver(), await receiver()];
    hook.answer = (_request, response) => {
      response.writeHead(307, { location: inner.url });
      response.end();
    };
    const error = await post()(hook.url, '{}', {}, signal).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OperationalError);
    expect(String(error)).toContain('redirects (307), which is not followed');
    expect(inner.received).toEqual([]);
  });

  it('reads nothing of an answer without end, and gives up headers without end', async () => {
    const hook = await receiver();
    let written = 0;
    hook.answer = (_request, response) => {
      const more = (): void => {
        written += 65_536;
        if (!response.destroyed && response.write(Buffer.alloc(65_536))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    };
    await post()(hook.url, '{}', {}, signal);
    expect(written).toBeLessThan(16_000_000);
    const endless = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = (): void => void (!socket.destroyed && socket.write(`x: ${'y'.repeat(8000)}\r\n`, more));
      more();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => endless.close(() => resolve())) });
    const { port } = endless.address() as AddressInfo;
    await expect(post()(`http://127.0.0.1:${port}/`, '{}', {}, signal)).rejects.toThrow(TransientError);
  });

  it('takes a receiver that stalls, is absent or fails for trouble that passes', async () => {
    const hook = await receiver();
    hook.answer = () => undefined;
    await expect(post()(hook.url, '{}', {}, signal)).rejects.toThrow('did not answer within 0.3 s');
    hook.answer = (_request, response) => {
      response.writeHead(503, { 'retry-after': new Date(Date.now() + 90_000).toUTCString() });
      response.end();
    };
    const error = await post()(hook.url, '{}', {}, signal).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransientError);
    expect((error as TransientError).retryAfterS).toBeGreaterThan(80);
    await hook.close();
    await expect(post()(`${hook.url}/secret-path`, '{}', {}, signal)).rejects.toThrow(
      `127.0.0.1:${hook.port} cannot be reached (ECONNREFUSED).`,
    );
  });
});

import { createServer as createHttpsServer } from 'node:https';
import { createServer as createSocketServer, type Server } from 'node:net';
import type { ArchiveObserver } from '../../src/archive/http/archive-observer.js';
import { createLocalGate } from '../../src/archive/politeness/host-gate.js';
import { HttpClient, type HttpClientOptions } from '../../src/archive/http/http-client.js';
import { firstOf } from '../../src/archive/http/mirrors.js';
import { readText } from '../../src/archive/http/read-text.js';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeClock, listen, testServer } from './support.js';
import { EXPIRED, SELF_SIGNED, TLS_KEY } from './tls-fixture.js';

const clients: HttpClient[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.close()));

function testClient(options: Partial<HttpClientOptions> & { failures?: number } = {}) {
  const clock = fakeClock();
  const breaker = { failures: options.failures ?? 1000, openMs: 300_000 };
  const gate = createLocalGate({ spacingMs: 0, patienceMs: 120_000, clock, breaker });
  const client = new HttpClient({
    ...{ userAgent: 'selenoscan-test', gate, clock, timeoutMs: 5000, retries: 0 },
    ...options,
  });
  clients.push(client);
  const get = async (url: string) => (await readText(client, url, {}))?.text;
  return { client, clock, get };
}

const listenAny = (server: unknown) => listen(server as Parameters<typeof listen>[0]);

async function tlsServer(cert: string): Promise<number> {
  return listenAny(createHttpsServer({ key: TLS_KEY, cert }, (_request, response) => response.end('text')));
}

/** Answers every connection by these bytes. */
async function talker(bytes: string): Promise<number> {
  const server: Server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.end(bytes));
  });
  return listenAny(Object.assign(server, { closeAllConnections: () => undefined }));
}

describe('a host that cannot be asked is named in one sentence, with what is wrong and what to do', () => {
  it.each<[string, () => Promise<string>, string, RegExp]>([
    [
      'shows an expired certificate',
      async () => `https://localhost:${await tlsServer(EXPIRED)}/a`,
      'tls',
      /^localhost:\d+ shows a certificate that has expired; check this machine's clock, or .+; https:\/\/\S+\/a is asked again later\.$/,
    ],
    [
      'shows a certificate that it signed itself',
      async () => `https://localhost:${await tlsServer(SELF_SIGNED)}/a`,
      'tls',
      /^localhost:\d+ shows a certificate of an authority .+ NODE_EXTRA_CA_CERTS or check archive\.urls; https:\S+ is asked again later\.$/,
    ],
    [
      'speaks plain HTTP where TLS is asked for',
      async () => `https://127.0.0.1:${(await testServer((_, response) => response.end())).port}/a`,
      'tls',
      /^127\.0\.0\.1:\d+ does not speak TLS as it should \(\w+\); check whether archive\.urls should say http;/,
    ],
    [
      'speaks TLS where HTTP is asked for',
      async () => `http://127.0.0.1:${await talker('\x15\x03\x01\x00\x02\x02\x46')}/a`,
      'network',
      /^127\.0\.0\.1:\d+ does not speak HTTP \(HPE_\w+\); check whether archive\.urls should say https;/,
    ],
    [
      'has no address',
      () => Promise.resolve('http://archive.invalid/a'),
      'network',
      /^archive\.invalid (has no address \(ENOTFOUND\); check archive\.urls|cannot be looked up \(\w+\); check this machine's name service);/,
    ],
    [
      'refuses the connection',
      () => Promise.resolve('http://127.0.0.1:1/a'),
      'network',
      /^127\.0\.0\.1:1 refuses the connection \(ECONNREFUSED\); check host and port in archive\.urls;/,
    ],
    [
      'closes the connection without a word',
      async () => `http://127.0.0.1:${await talker('')}/a`,
      'network',
      /^http:\/\/127\.0\.0\.1:\d+\/a could not be read \(\w+\); it is asked again later\.$/,
    ],
  ])('%s', async (_what, start, code, message) => {
    const url = await start();
    const { get } = testClient();
    await expect(get(url)).rejects.toMatchObject({
      name: 'TransientError',
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a redirect', () => {
  it('is followed to another host, by path, without a scheme, and five times at most', async () => {
    const store = await testServer((_request, response) => response.end('there'));
    const hops = ['/b', `//127.0.0.1:{front}/c`, '/d?x=1', '/e', `http://localhost:${store.port}/f`];
    const front = await testServer((_request, response) => {
      const location = (hops[front.asked.length - 1] ?? '/more').replace('{front}', String(front.port));
      response.writeHead(302, { location }).end();
    });
    const { get } = testClient();
    await expect(get(`${front.url}a`)).resolves.toBe('there');
    expect(front.asked.map(({ path }) => path)).toEqual(['/a', '/b', '/c', '/d?x=1', '/e']);
    expect(store.asked[0]).toMatchObject({ path: '/f', headers: { 'user-agent': 'selenoscan-test' } });
  });

  it('is followed from http to https', async () => {
    const port = await tlsServer(SELF_SIGNED);
    const front = await testServer((_request, response) =>
      response.writeHead(301, { location: `https://localhost:${port}/a` }).end(),
    );
    await expect(testClient().get(`${front.url}a`)).rejects.toMatchObject({ code: 'tls' });
  });

  it.each<[string, (n: number) => Record<string, string>, number, RegExp]>([
    [
      'that goes on for ever',
      (n) => ({ location: `/${n}` }),
      6,
      /redirects more than 5 times; it is asked again later\.$/,
    ],
    ['in a circle', () => ({ location: '/a' }), 1, /redirects in a circle, back to \S+\/a;/],
    ['without an address', () => ({}), 1, /\/a redirects without an address;/],
    [
      'to nonsense',
      () => ({ location: 'http://:x:/' }),
      1,
      /\/a redirects to "http:\/\/:x:\/", which is no address;/,
    ],
    [
      'to a file',
      () => ({ location: 'file:///etc/passwd' }),
      1,
      /leads to file:\/\/\/etc\/passwd: not http;/,
    ],
  ])('%s is passing trouble, said in one sentence', async (_what, headers, requests, message) => {
    const server = await testServer((_request, response) =>
      response.writeHead(302, headers(server.asked.length)).end(),
    );
    await expect(testClient().get(`${server.url}a`)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'redirect',
      message: expect.stringMatching(message) as string,
    });
    expect(server.asked).toHaveLength(requests);
  });
});

describe('a host that fails', () => {
  const RETRY_DATE = new Date('2026-09-01T00:00:50Z').toUTCString();

  it.each([
    ['seconds', '50'],
    ['a date', RETRY_DATE],
  ])('is left alone as long as it asks for in %s, also when a redirect led to it', async (_, retryAfter) => {
    const store = await testServer((_request, response) => {
      if (store.asked.length === 1) response.writeHead(429, { 'Retry-After': retryAfter });
      response.end('text');
    });
    const front = await testServer((_request, response) =>
      response.writeHead(302, { location: `http://localhost:${store.port}/a` }).end(),
    );
    const { get, clock } = testClient({ retries: 1 });
    await expect(get(`${front.url}a`)).resolves.toBe('text');
    const waited = clock.slept.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThanOrEqual(49_000);
    expect(waited).toBeLessThan(60_000);
  });

  it('is left alone longer after each 429 that does not say how long', async () => {
    const server = await testServer((_request, response) => {
      if (server.asked.length < 4) response.writeHead(429);
      response.end('text');
    });
    const { get, clock } = testClient({ retries: 3 });
    await expect(get(server.url)).resolves.toBe('text');
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(70_000);
  });

  it.each([
    ['HTTP 500', 500, true],
    ['HTTP 429', 429, true],
    ['HTTP 403', 403, false],
    ['HTTP 404', 404, false],
  ])('too often by %s has its circuit opened or not', async (reason, status, opens) => {
    const server = await testServer((_request, response) => response.writeHead(status).end());
    const { get } = testClient({ failures: 3 });
    for (let n = 0; n < 6; n++) await get(server.url).catch(() => undefined);
    expect(server.asked).toHaveLength(opens ? 3 : 6);
    if (opens) {
      await expect(get(server.url)).rejects.toMatchObject({
        code: 'circuit_open',
        message: expect.stringContaining(
          `failed 3 times in a row (last: ${reason}) and is left alone for 300 s`,
        ) as string,
      });
    }
  });

  it('does not count what is wrong with one file, nor what was called off', async () => {
    const server = await testServer((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      if (request.url !== '/slow') response.end('<html>');
    });
    const { get, client } = testClient({ failures: 1 });
    await expect(get(server.url)).rejects.toMatchObject({ code: 'page_for_data' });
    const signal = AbortSignal.timeout(30);
    await expect(readText(client, `${server.url}slow`, { signal })).rejects.toThrow();
    await expect(get(server.url)).rejects.toMatchObject({ code: 'page_for_data' });
  });

  it('costs its mirror no time once its circuit is open', async () => {
    const mirror = await testServer((_request, response) => response.end('from the mirror'));
    const dead = 'http://127.0.0.1:1/';
    const { get, clock } = testClient({ failures: 5, retries: 4 });
    const ask = () => firstOf([dead, mirror.url], (base) => get(`${base}a`));
    await expect(ask()).resolves.toBe('from the mirror');
    const first = clock.slept.length;
    expect(first).toBe(4);
    for (let n = 0; n < 20; n++) await expect(ask()).resolves.toBe('from the mirror');
    expect(clock.slept).toHaveLength(first);
  });

  it('is told apart from one that will be well sooner, when none answers', async () => {
    const busy = await testServer((_request, response) =>
      response.writeHead(503, { 'Retry-After': '40' }).end(),
    );
    const { get } = testClient({ failures: 1 });
    await get('http://127.0.0.1:1/a').catch(() => undefined);
    const none = firstOf(['http://127.0.0.1:1/', busy.url], (base) => get(`${base}a`));
    await expect(none).rejects.toMatchObject({ code: 'http_status', retryAfterS: 40 });
  });
});

describe('who observes requests', () => {
  it('is told outcome, bytes, waiting and the circuit of each host', async () => {
    const statuses = [200, 404, 503, 429, 400];
    const server = await testServer((request, response) => {
      if (request.url === '/go') return void response.writeHead(302, { location: '/text' }).end();
      response.writeHead(statuses[Number(request.url?.slice(1))] ?? 200).end('12345');
    });
    const results: string[] = [];
    let bytes = 0;
    let waits = 0;
    const observer: ArchiveObserver = {
      request: (host, result) => void results.push(`${host} ${result}`),
      bytes: (_host, count) => void (bytes += count),
      waited: (_host, seconds) => void (waits += seconds >= 0 ? 1 : 0),
    };
    const { get } = testClient({ observer });
    for (const path of ['0', '1', '2', '3', '4', 'go']) await get(server.url + path).catch(() => undefined);
    await get('http://127.0.0.1:1/').catch(() => undefined);
    const host = `127.0.0.1:${server.port}`;
    expect(results).toEqual([
      ...['ok', 'missing', 'failed', 'throttled', 'refused', 'redirect', 'ok'].map(
        (each) => `${host} ${each}`,
      ),
      '127.0.0.1:1 failed',
    ]);
    expect(bytes).toBe(30);
    expect(waits).toBe(8);
  });
});

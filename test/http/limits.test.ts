import { connect } from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import fetch from 'node-fetch';
import { afterEach, describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer, type Vitals } from '../../src/http/server.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import type { Controls } from '../../src/http/control-routes.js';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const calm: Vitals = { ready: () => Promise.resolve(), status: () => Promise.resolve({ queue: [] }) };

async function start(
  options: { rate?: number; token?: string; vitals?: Vitals; controls?: Controls; host?: string } = {},
): Promise<string> {
  const { token = '', vitals = calm, rate, controls, host = '127.0.0.1' } = options;
  const listen = { host, port: 0, token, ...(rate === undefined ? {} : { rate }) };
  const server = await startHttpServer({
    listen,
    vitals,
    metrics: createMetrics(),
    ...(controls && { controls }),
  });
  open.push(server);
  return server.address;
}

const statusOf = async (url: string, init = {}): Promise<number> => (await fetch(url, init)).status;

/** Status and text of a request that no client library would make. */
function raw(address: string, text: string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.setTimeout(5000, () => socket.destroy(new Error(`no answer: ${answer}`)));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('one client', () => {
  it('is answered so many requests in a minute, and then told when to come again', async () => {
    const address = await start({ rate: 5 });
    for (let n = 0; n < 5; n++) expect(await statusOf(`${address}/api/status`)).toBe(200);
    const answer = await fetch(`${address}/api/status`);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toEqual({
      error: expect.stringMatching(/^Too many requests; try again in /) as string,
    });
    expect(await statusOf(`${address}/nothing`)).toBe(429);
  });

  it('cannot guess the token faster than that', async () => {
    const address = await start({ rate: 5, token: 'the-right-one' });
    const guess = (token: string) =>
      statusOf(`${address}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    for (let n = 0; n < 5; n++) expect(await guess(`wrong${n}`)).toBe(401);
    expect(await guess('the-right-one')).toBe(429);
  });

  it('that probes health on this machine is always answered', async () => {
    const address = await start({ rate: 2 });
    for (let n = 0; n < 10; n++) {
      expect(await statusOf(`${address}/healthz`)).toBe(200);
      expect(await statusOf(`${address}/readyz?x=1`)).toBe(200);
    }
  });
});

describe('a request', () => {
  it.each(['TRACE', 'OPTIONS', 'PATCH'])(
    'by %s is refused with the methods that are served',
    async (method) => {
      const answer = await fetch(`${await start()}/api/status`, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD, POST, PUT, DELETE');
    },
  );

  it('by CONNECT or of no known method ends its connection', async () => {
    const address = await start();
    for (const method of ['CONNECT 10.0.0.1:80', 'NONSENSE /'])
      expect(await raw(address, `${method} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)).not.toMatch(
        /^HTTP\/1\.1 2/,
      );
  });

  it('with endless headers is cut off', async () => {
    const address = await start();
    const headers = `X-Long: ${'a'.repeat(17_000)}\r\n`;
    expect(await raw(address, `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    );
  });

  it('with a body that nobody needs is cut off before it is read', async () => {
    let paused = 0;
    const controls: Controls = {
      lanes: { pause: () => Promise.resolve(void (paused += 1)), resume: () => Promise.resolve([]) },
      log: { levels: ['info'], level: () => 'info', set: () => undefined },
    };
    const address = await start({ controls });
    const headers = { 'content-type': 'application/json' };
    const body = (length: number) => JSON.stringify({ reason: 'x', more: 'a'.repeat(length) });
    expect(await statusOf(`${address}/api/pause`, { method: 'POST', headers, body: body(70_000) })).toBe(413);
    expect(await statusOf(`${address}/api/pause`, { method: 'POST', headers, body: body(10) })).toBe(400);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await statusOf(`${address}/api/pause`, { method: 'POST', headers: form, body: 'reason=x' })).toBe(
      415,
    );
    expect(paused).toBe(0);
  });

  it('that walks out of its folder finds nothing', async () => {
    const address = await start();
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '//etc/passwd',
      '/%00',
    ])
      expect(
        await raw(address, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`),
        path,
      ).toMatch(/^HTTP\/1\.1 40[04]/);
  });
});

describe('a failure', () => {
  it('is answered without its stack, its SQL or the path of a file', async () => {
    const trouble = Object.assign(
      new Error('syntax error at or near "selekt": SELECT secret FROM selenoscan_data.setting'),
      { code: '42601', query: 'SELECT secret FROM selenoscan_data.setting', file: 'scan.l' },
    );
    const address = await start({
      vitals: { ready: () => Promise.reject(trouble), status: () => Promise.reject(trouble) },
    });
    for (const path of ['/readyz', '/api/status']) {
      const answer = await fetch(address + path);
      const text = await answer.text();
      expect(answer.status, path).toBeGreaterThanOrEqual(500);
      expect(text, path).not.toMatch(/SELECT|select|syntax|\bat \S+:\d+|\.ts|\.js|node_modules|42601/);
    }
  });
});

describe('the built page', () => {
  const folder = new URL('../../dist/page/', import.meta.url);
  const texts = readdirSync(folder).map((name) => ({
    name,
    text: readFileSync(new URL(name, folder), 'utf8'),
  }));

  it('has no script and no style in line, and names no other host for either', () => {
    const html = texts.find(({ name }) => name === 'index.html')?.text ?? '';
    expect(html).toContain('<script');
    for (const [tag] of html.matchAll(/<script\b[^>]*>/g)) expect(tag).toMatch(/\ssrc="\/?[\w./-]+"/);
    for (const [, content] of html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g))
      expect(content?.trim()).toBe('');
    expect(html).not.toMatch(/<style\b/i);
    expect(html).not.toMatch(/\s(?:style|on[a-z]+)\s*=/i);
    expect(html).not.toMatch(/(?:src|href)\s*=\s*["'](?:https?:|\/\/|javascript:)/i);
  });

  it('makes no code of text, which the policy forbids', () => {
    for (const { name, text } of texts.filter((file) => file.name.endsWith('.js'))) {
      expect(text, name).not.toMatch(/[^\w.]eval\(|new Function\(|document\.write\(/);
    }
  });
});

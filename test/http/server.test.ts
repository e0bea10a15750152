import fetch from 'node-fetch';
import { afterEach, describe, expect, it } from 'vitest';
import { OperationalError } from '../../src/domain/errors.js';
import { startHttpServer, type HttpServer } from '../../src/http/server.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(ready: () => Promise<void>, port = 0, token = ''): Promise<HttpServer> {
  const vitals = { ready, status: () => Promise.resolve({ queue: [] }) };
  const listen = { host: '127.0.0.1', port, token };
  const server = await startHttpServer({ listen, vitals, metrics: createMetrics() });
  open.push(server);
  return server;
}

describe('the health server', () => {
  it('answers health, metrics and status', async () => {
    const { address } = await start(() => Promise.resolve());
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${address}/metrics`)).text()).toContain('selenoscan_scans_total');
    expect(await (await fetch(`${address}/api/status`)).json()).toEqual({ queue: [] });
  });

  it('says why it is not ready', async () => {
    const { address } = await start(() =>
      Promise.reject(new OperationalError('database_unreachable', 'no database')),
    );
    const answer = await fetch(`${address}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ reason: 'no database' });
  });

  it("takes a request that cannot be read for the sender's fault", async () => {
    const { address } = await start(() => Promise.resolve());
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${address}/api/status`, { method: 'POST', headers, body: '{' });
    expect(answer.status).toBe(400);
  });

  it('lets nobody without the token past health and readiness', async () => {
    const { address } = await start(() => Promise.resolve(), 0, 'secret');
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    expect((await fetch(`${address}/metrics`)).status).toBe(401);
    const headers = { authorization: 'Bearer secret' };
    expect((await fetch(`${address}/metrics`, { headers })).status).toBe(200);
    expect((await fetch(`${address}/metrics`, { headers: { authorization: 'Bearer secreT' } })).status).toBe(
      401,
    );
  });

  it('does not listen beyond the loopback without a token', async () => {
    const vitals = { ready: () => Promise.resolve(), status: () => Promise.resolve({}) };
    const listen = { host: '0.0.0.0', port: 0, token: '' };
    const starting = startHttpServer({ listen, vitals, metrics: createMetrics() });
    await expect(starting).rejects.toThrow('SELENOSCAN_HTTP_TOKEN');
  });

  it('names the port that is in use and the key to change it', async () => {
    const { address } = await start(() => Promise.resolve());
    const port = Number(new URL(address).port);
    await expect(start(() => Promise.resolve(), port)).rejects.toThrow(
      `127.0.0.1:${port} is in use by another process; choose another port by http.port (SELENOSCAN_HTTP_PORT).`,
    );
  });
});

import fetch from 'node-fetch';
import { afterEach, describe, expect, it } from 'vitest';
import { startHttpServer, type HttpServer } from '../../src/http/server.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(ready: () => Promise<void>, port = 0): Promise<HttpServer> {
  const vitals = { ready, status: () => Promise.resolve({ queue: [] }) };
  const server = await startHttpServer({ host: '127.0.0.1', port }, vitals, createMetrics());
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
    const { address } = await start(() => Promise.reject(new Error('no database')));
    const answer = await fetch(`${address}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ reason: 'no database' });
  });

  it('names the port that is in use and the key to change it', async () => {
    const { address } = await start(() => Promise.resolve());
    const port = Number(new URL(address).port);
    await expect(start(() => Promise.resolve(), port)).rejects.toThrow(
      `127.0.0.1:${port} is in use by another process; choose another port by http.port (SELENOSCAN_HTTP_PORT).`,
    );
  });
});

import fetch from 'node-fetch';
import { afterEach, describe, expect, it } from 'vitest';
import type { Controls } from '../../src/http/control-routes.js';
import { startHttpServer, type HttpServer } from '../../src/http/server.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { LOG_LEVELS, logControl, toggleDebugBySignal, type LogLevel } from '../../src/telemetry/log-level.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(): Promise<{
  said: string[];
  level: () => string;
  send: (
    method: string,
    path: string,
    body?: string,
    type?: string,
  ) => Promise<{ status: number; body: unknown }>;
}> {
  const said: string[] = [];
  const control = logControl(createLogger('silent', 'test'));
  const controls: Controls = {
    lanes: {
      pause: (lanes, reason) => Promise.resolve(void said.push(`pause ${lanes.join('+')} ${reason}`)),
      resume: (lanes) => Promise.resolve(lanes),
    },
    log: { levels: LOG_LEVELS, level: control.level, set: (level) => control.set(level as LogLevel) },
  };
  const vitals = { ready: () => Promise.resolve(), status: () => Promise.resolve({}) };
  const listen = { host: '127.0.0.1', port: 0, token: '' };
  server = await startHttpServer({ listen, vitals, metrics: createMetrics(), controls });
  const { address } = server;
  return {
    said,
    level: control.level,
    async send(method, path, body, type = 'application/json') {
      const headers = body === undefined ? {} : { 'content-type': type };
      const answer = await fetch(`${address}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      return { status: answer.status, body: await answer.json() };
    },
  };
}

describe('what an operator changes while the daemon runs', () => {
  it('pauses and resumes lanes', async () => {
    const { send, said } = await start();
    expect(await send('POST', '/api/pause', '{"lane":"backfill","reason":"disk"}')).toEqual({
      status: 200,
      body: { paused: ['backfill'] },
    });
    expect(await send('POST', '/api/pause')).toEqual({ status: 200, body: { paused: ['live', 'backfill'] } });
    expect(said).toEqual(['pause backfill disk', 'pause live+backfill ']);
    expect(await send('POST', '/api/resume', '{}')).toEqual({
      status: 200,
      body: { resumed: ['live', 'backfill'] },
    });
  });

  it("sets the level of the process's log", async () => {
    const { send, level } = await start();
    expect(await send('PUT', '/api/log', '{"level":"debug"}')).toEqual({
      status: 200,
      body: { level: 'debug' },
    });
    expect(level()).toBe('debug');
    expect((await send('GET', '/api/log')).body).toMatchObject({ level: 'debug' });
  });

  it('refuses what it does not know, in one sentence', async () => {
    const { send, said } = await start();
    expect(await send('PUT', '/api/log', '{"level":"loud"}')).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('level') as string },
    });
    expect((await send('POST', '/api/pause', '{"lane":"slow"}')).status).toBe(400);
    expect((await send('POST', '/api/pause', '{"lanes":[]}')).status).toBe(400);
    expect(said).toEqual([]);
  });

  it('takes nothing that a form of another site could send', async () => {
    const { send, said } = await start();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await send('POST', '/api/pause', '{"lane":"live"}', type)).status).toBeGreaterThanOrEqual(400);
    expect(said).toEqual([]);
  });
});

it('turns debug lines on and off again by a signal', async () => {
  const control = logControl(createLogger('warn', 'test'));
  const unhook = toggleDebugBySignal(control);
  process.kill(process.pid, 'SIGUSR2');
  await expect.poll(control.level).toBe('debug');
  process.kill(process.pid, 'SIGUSR2');
  await expect.poll(control.level).toBe('warn');
  unhook();
});

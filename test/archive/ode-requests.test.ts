import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswer, productsOf } from '../../src/archive/ode/ode-answer.js';
import { assertApplied, odeUrl } from '../../src/archive/ode/ode-query.js';
import { ODE_LIMITS, RequestWindow } from '../../src/archive/ode/request-window.js';
import { odeRecord, odeSource } from './ode-server.js';
import { present, readData } from './support.js';

describe('the sliding window of requests', () => {
  it('never lets more start within a span than allowed, nor sooner than spaced, and waits no longer', () => {
    const requests = fc.array(fc.record({ idle: fc.nat(40_000), takes: fc.nat(5000) }), { maxLength: 200 });
    const limits = fc.record({
      requests: fc.integer({ min: 1, max: 50 }),
      windowMs: fc.integer({ min: 1, max: 90_000 }),
      spacingMs: fc.integer({ min: 0, max: 5000 }),
    });
    fc.assert(
      fc.property(requests, limits, (asked, given) => {
        const window = new RequestWindow(given);
        const starts: number[] = [];
        let now = 0;
        let ended = -Infinity;
        for (const { idle, takes } of asked) {
          now = Math.max(now + idle, window.earliest());
          const full = starts[starts.length - given.requests];
          expect(now - ended).toBeGreaterThanOrEqual(given.spacingMs);
          if (full !== undefined) expect(now - full).toBeGreaterThanOrEqual(given.windowMs);
          window.started(now);
          starts.push(now);
          now += takes;
          ended = now;
          window.ended(now);
          const next = starts[starts.length - given.requests];
          expect(window.earliest()).toBe(
            Math.max(ended + given.spacingMs, next === undefined ? -Infinity : next + given.windowMs),
          );
        }
      }),
    );
  });

  it('holds what ODE is known to bear', () => {
    expect(ODE_LIMITS).toEqual({ requests: 45, windowMs: 90_000, spacingMs: 3000 });
  });
});

describe('the summary of an answer', () => {
  const asked = {
    query: 'product',
    target: 'moon',
    pt: 'CDRNAC4',
    results: 'fmpc',
    limit: '100',
    mincreationtime: '2026-08-01',
    maxcreationtime: '2026-09-01',
  };
  const summary = {
    query: 'PRODUCT',
    target: 'moon',
    PT: 'cdrnac4',
    results: 'CFMP',
    limit: 100,
    mincreationtime: '2026-08-01T00:00:00.000',
    maxcreationtime: '2026-09-01T23:59:59.999',
    Date: '2026-09-28T00:00:00',
  };

  it('is taken for what was asked in whatever case, order and form of number or day', () => {
    expect(() => assertApplied(asked, summary, 'http://ode/')).not.toThrow();
  });

  it.each([
    ['was left out', { pt: undefined }, 'pt=CDRNAC4'],
    ['is empty', { limit: '' }, 'limit=100'],
    ['has another value', { limit: '10' }, 'limit=100'],
    ['has other letters', { results: 'FMP' }, 'results=fmpc'],
    ['has another day', { maxcreationtime: '2026-09-02T23:59:59.999' }, 'maxcreationtime=2026-09-01'],
    ['begins within the day', { mincreationtime: '2026-08-01T23:59:59.999' }, 'mincreationtime=2026-08-01'],
  ])('tells of a parameter that %s', (_, change, named) => {
    const given: Record<string, unknown> = { ...summary, ...change };
    if ('pt' in change) delete given['PT'];
    const act = () => assertApplied(asked, given, 'http://ode/?x');
    expect(act).toThrow(
      expect.objectContaining({
        name: 'OperationalError',
        code: 'ode_ignored',
        message: expect.stringMatching(
          `^ODE did not apply ${named} .*http://ode/\\?x.*check that archive.ode`,
        ) as string,
      }) as Error,
    );
  });

  it('keeps what the address holds already', () => {
    expect(odeUrl('http://proxy/?key=1', { query: 'iipt' })).toBe('http://proxy/?key=1&query=iipt');
  });
});

describe.skipIf(!present('ode/ode_mars_ctx_product_fmpc_2020-11-24.json'))('a real answer of ODE', () => {
  const text = () => readData('ode/ode_mars_ctx_product_fmpc_2020-11-24.json').toString();

  it('is read, one product as a list, and found to be to what was asked', () => {
    const answer = parseAnswer(`\uFEFF${text()}`, 'http://ode/')!;
    expect(productsOf(answer)).toEqual([expect.objectContaining({ pdsid: 'P16_007361_1800_XN_00S000W' })]);
    const asked = { query: 'product', target: 'mars', ihid: 'MRO', iid: 'CTX', pt: 'EDR', results: 'fmpc' };
    const more = { output: 'JSON', loc: 'o', minlat: '-1.0', westernlon: '359' };
    expect(() => assertApplied({ ...asked, ...more }, answer.QuerySummary!, 'http://ode/')).not.toThrow();
    const ignored = { ...asked, minlatitude: '-1' };
    expect(() => assertApplied(ignored, answer.QuerySummary!, 'http://ode/')).toThrow(/minlatitude=-1/);
  });

  it('is not taken for whole where it is cut, wherever that is', () => {
    const whole = text().trimEnd();
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (at) => {
        expect(parseAnswer(whole.slice(0, at), 'http://ode/')).toBeNull();
      }),
    );
  });
});

describe('asking ODE', () => {
  it('stays within 45 requests in 90 s and 3 s apart, whoever asks at the same time', async () => {
    const { source, ode, clock } = await odeSource();
    await Promise.all(Array.from({ length: 40 }, () => source.check()));
    expect(ode.log).toHaveLength(80);
    expect(ode.log.every(({ status }) => status === 200)).toBe(true);
    ode.log.slice(1).forEach(({ at }, n) => expect(at - ode.log[n]!.at).toBeGreaterThanOrEqual(3000));
    expect(clock.slept.every((ms) => ms <= 90_000)).toBe(true);
  });

  it.each([
    [403, undefined, 90_000],
    [429, undefined, 90_000],
    [429, '20', 20_000],
    [503, '100', 100_000],
  ])('takes HTTP %i (Retry-After: %s) for "slower", and waits', async (status, retryAfter, waitMs) => {
    const { source, ode, clock } = await odeSource({ products: [odeRecord(1271742202)] });
    let times = 1;
    ode.fault = (_, response) => {
      if (times-- <= 0) return false;
      response.writeHead(status, retryAfter === undefined ? {} : { 'Retry-After': retryAfter }).end('slower');
      return true;
    };
    const first = await source.discover(null).next();
    expect(first.value).toMatchObject({ state: { pending: [{ by: 'observation' }] } });
    expect(Math.max(...clock.slept)).toBeGreaterThanOrEqual(waitMs);
    expect(ode.log[1]!.at - ode.log[0]!.at).toBeGreaterThanOrEqual(waitMs);
  });

  it('gives up for now, not for good, when it is throttled again and again', async () => {
    const { source, ode } = await odeSource({ retries: 1 });
    ode.fault = (_, response) => (response.writeHead(403).end(), true);
    await expect(source.discover(null).next()).rejects.toMatchObject({
      name: 'TransientError',
      code: 'throttled',
      message: `${ode.url}?query=iipt&odemetadb=moon&output=JSON answered HTTP 403; it is asked again later.`,
      retryAfterS: 90,
    });
    expect(ode.log).toHaveLength(2);
  });

  it('asks again after a page in place of data', async () => {
    const { source, ode } = await odeSource({ products: [odeRecord(1271742202)] });
    let times = 1;
    ode.fault = (_, response) => {
      if (times-- <= 0) return false;
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Maintenance</html>');
      return true;
    };
    expect((await source.discover(null).next()).done).toBe(false);
    expect(ode.log[1]!.status).toBe(200);
  });
});

describe('the check of ODE', () => {
  it('tells how many products it has and the newest observation, in one line', async () => {
    const { source, ode } = await odeSource({ products: [odeRecord(1271742202), odeRecord(1271742203)] });
    expect(await source.check()).toBe(
      `ODE ${ode.url} answers: 2 products of CDRNAC4, newest observation 2026-04-01T10:00:00.000`,
    );
  });

  it.each([
    ['refuses', 'ode_error', /^ODE refused .*: Invalid IIPT; check archive\.ode and archive\.dataset\.$/],
    ['refuses by status', 'ode_status', /answered HTTP 404; check archive\.ode\.$/],
    [
      'is another service',
      'ode_answer',
      /did not answer as ODE does \(no ODEResults\); check archive\.ode\.$/,
    ],
    ['has no such set', 'ode_set', /lists no products CDRNAC4 of LRO LROC/],
    ['ignores a parameter', 'ode_ignored', /^ODE did not apply target=moon/],
    ['is down', 'archive_unreachable', /^ODE .* cannot be read: .*HTTP 500; check archive\.ode\.$/],
    ['throttles', 'archive_unreachable', /cannot be read: .*HTTP 403.*; check archive\.ode\.$/],
    ['is a web page', 'archive_unreachable', /an HTML page in place of data/],
  ])('is one sentence when it %s', async (why, code, message) => {
    const { source, ode } = await odeSource({ products: [odeRecord(1271742202)] });
    const bodies: Record<string, [number, string]> = {
      refuses: [400, JSON.stringify({ ODEResults: { Status: 'ERROR', Error: 'Invalid IIPT.' } })],
      'refuses by status': [404, 'nothing here'],
      'is another service': [200, '{"hello": "world"}'],
      'has no such set': [200, JSON.stringify({ ODEResults: { IIPTSets: '', Status: 'Success' } })],
      'is down': [500, ''],
      throttles: [403, ''],
      'is a web page': [200, '<!DOCTYPE html><title>Hello</title>'],
    };
    if (why === 'ignores a parameter') ode.deaf.add('target');
    const body = bodies[why];
    if (body !== undefined) ode.fault = (_, response) => (response.writeHead(body[0]).end(body[1]), true);
    await expect(source.check()).rejects.toMatchObject({
      name: 'OperationalError',
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});

import fetch from 'node-fetch';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DetectionQuestion, DetectionResult } from '../../src/domain/results.js';
import {
  coverageCollection,
  detectionCollection,
  detectionDetail,
  featureCollection,
  markList,
  reviewStanding,
  reviewState,
} from '../../src/http/contract.js';
import type { ReviewState } from '../../src/domain/review.js';
import type { ReviewDesk } from '../../src/http/review-desk.js';
import type { ResultReader } from '../../src/http/result-reader.js';
import { startHttpServer, type HttpServer } from '../../src/http/server.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

function row(id: number): DetectionResult {
  return {
    id,
    product_id: 'M1271742202LC',
    product_version: 'v1.9',
    image_id: 'M1271742202L',
    observed_at: new Date('2026-04-10T01:28:54.845Z'),
    scanned_at: new Date('2026-04-12T00:00:00Z'),
    score: 7 - id / 10,
    score_raw: 1.5,
    scores: { b: 1.5 },
    rank_in_image: id,
    lon: id === 3 ? null : 22.05,
    lat: id === 3 ? null : 19.5,
    uncertainty_m: 205,
    line: 351.5,
    sample: 94.5,
    width_m: 7.2,
    height_m: 7.7,
    incidence_deg: 30,
    emission_deg: 1.7,
    phase_deg: 31,
    sun_azimuth_deg: 94,
    resolution_m: 0.93,
    model_id: 'starter@0123456789ab',
    code_version: '0.1.0',
    source_url: 'http://127.0.0.1:1/x',
    source_checksum: 'sha256:0',
    site_id: null,
    site_status: null,
    known_object: null,
    known_object_distance_m: null,
    nearest_feature: 'Copernicus',
    review: null,
    product_url: 'https://data.lroc.im-ldi.com/lroc/view_lroc/x/M1271742202LC',
    reviewer: null,
    reviewed_at: null,
    learned: id === 3 ? null : 1 / id,
  };
}

/** A reader over three detections that notes what it was asked. */
function fakeReader(asked: DetectionQuestion[] = []): ResultReader {
  const outline = {
    type: 'MultiPolygon' as const,
    coordinates: [
      [
        [
          [22, 19],
          [23, 19],
          [23, 20],
          [22, 19],
        ],
      ],
    ],
  };
  return {
    revision: () => Promise.resolve('r1'),
    detections: (question) => {
      asked.push(question);
      const rest = [1, 2, 3].map(row).filter(({ id }) => id > (question.after?.id ?? 0));
      return Promise.resolve(rest.slice(0, question.limit));
    },
    detection: (id) => Promise.resolve(id === 1 ? { ...row(1), outline, reviews: [] } : null),
    picture: (id, picture) => Promise.resolve(id === 1 ? Buffer.from(`png ${picture}`) : null),
    features: () =>
      Promise.resolve([
        { id: 1296, name: 'Copernicus', type: 'crater', lon: -20.08, lat: 9.62, diameter_km: 96.07 },
      ]),
    coverage: () =>
      Promise.resolve([
        {
          id: 5,
          product_id: 'M1271742202LC',
          image_id: 'M1271742202L',
          observed_at: new Date(0),
          scanned_at: new Date(1),
          tiles: 10,
          tiles_scored: 9,
          incidence_deg: null,
          resolution_m: 0.9,
          seconds: 3,
          detections: 2,
          geometry: outline,
        },
      ]),
    marks: (question) => {
      asked.push(question);
      return Promise.resolve([{ id: 1, lon: 22.05, lat: 19.5, score: 6.9, known: false, review: 'accept' }]);
    },
    reviews: fakeDesk(),
  };
}

/** Keeps what was last said of detection 1. */
function fakeDesk(said: unknown[] = []): ReviewDesk {
  const at = new Date('2026-04-12T00:00:00Z');
  const state = (reviews: ReviewState['reviews']) => ({
    id: 1,
    review: reviews[0]?.verdict ?? null,
    reviewer: reviews[0]?.reviewer ?? null,
    reviewed_at: reviews.length === 0 ? null : at,
    reviews,
  });
  return {
    write: (id, review) => {
      said.push([id, review]);
      return Promise.resolve(id === 1 ? state([{ ...review, at }]) : null);
    },
    withdraw: (id, reviewer) => {
      said.push([id, reviewer]);
      return Promise.resolve(id === 1 ? state([]) : null);
    },
    standing: () =>
      Promise.resolve({
        detections: 3,
        reviewed: 1,
        verdicts: { accept: 1 },
        reviewers: ['Anna'],
        revision: '1-1',
        efficiency: {
          tiles: 1000,
          reviewed: 1,
          finds: 1,
          looks: 1,
          depth: 1,
          precision: 1,
          reviewed_share: 0.001,
          eomv: 1000,
          eomv_by_score: 1000,
        },
        learned: {
          state: 'waiting',
          remark: 'No order was learnt yet.',
          reviewed: 0,
          finds: 0,
          ap_score: null,
          ap_learned: null,
          gain_low: null,
          gain_high: null,
          eomv_score: null,
          eomv_learned: null,
          learned_at: null,
          ranked: 0,
        },
      }),
    close: () => Promise.resolve(),
  };
}

async function start(reader: ResultReader = fakeReader(), token = '', url = ''): Promise<string> {
  const vitals = { ready: () => Promise.resolve(), status: () => Promise.resolve({}) };
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0, token, url },
    vitals,
    metrics: createMetrics(),
    results: reader,
    project: (view) => Promise.resolve(Buffer.from(`PK ${view}`)),
  });
  open.push(server);
  return server.address;
}

describe('the API', () => {
  it('gives detections as GeoJSON that names its body and keeps its contract', async () => {
    const answer = await fetch(`${await start()}/api/detections`);
    expect(answer.headers.get('content-type')).toContain('application/geo+json');
    const collection = detectionCollection.strict().parse(await answer.json());
    expect(collection.body).toBe('Moon');
    expect(collection).not.toHaveProperty('crs');
    expect(collection.features.map((feature) => feature.geometry?.coordinates)).toEqual([
      [22.05, 19.5],
      [22.05, 19.5],
      undefined,
    ]);
    expect(collection.next).toBeNull();
  });

  it('walks through all pages by the cursor', async () => {
    const address = await start();
    const seen: number[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const page = detectionCollection.parse(
        await (await fetch(`${address}/api/detections?limit=2${cursor}`)).json(),
      );
      seen.push(...page.features.map(({ id }) => id));
      next = page.next;
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('hands every filter to the reader', async () => {
    const asked: DetectionQuestion[] = [];
    const address = await start(fakeReader(asked));
    await fetch(
      `${address}/api/detections?bbox=170,-10,-170,10&since=2026-01-01&until=2026-05-01T00:00:00Z&min_score=5.5&product=M1271742202LC&site=4&known=no&limit=7`,
    );
    expect(asked).toEqual([
      {
        bbox: { west: 170, south: -10, east: -170, north: 10 },
        since: new Date('2026-01-01T00:00:00Z'),
        until: new Date('2026-05-01T00:00:00Z'),
        minScore: 5.5,
        imageId: 'M1271742202L',
        siteId: 4,
        known: false,
        after: undefined,
        limit: 8,
      },
    ]);
  });

  it.each([
    ['2026-04-10', '2026-04-10T00:00:00.000Z'],
    ['2026-04-10T01:28', '2026-04-10T01:28:00.000Z'],
    ['2026-04-10T01:28:54.5', '2026-04-10T01:28:54.500Z'],
    ['2026-04-10T01:28:54Z', '2026-04-10T01:28:54.000Z'],
    ['2026-04-10T01:28:54%2B02:00', '2026-04-09T23:28:54.000Z'],
  ])('takes %s as UTC, whatever the zone of the machine', async (text, instant) => {
    vi.stubEnv('TZ', 'Asia/Kolkata');
    try {
      const asked: DetectionQuestion[] = [];
      await fetch(`${await start(fakeReader(asked))}/api/detections?since=${text}`);
      expect(asked.map(({ since }) => since?.toISOString())).toEqual([instant]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.each([
    ['detections?bbox=1,2,3', 'bbox'],
    ['detections?bbox=0,50,10,40', 'bbox'],
    ['detections?bbox=0,0,1000,10', 'bbox'],
    ['detections?limit=0', 'limit'],
    ['detections?limit=1001', 'limit'],
    ['detections?limit=2&limit=3', 'limit'],
    ['detections?min_score=high', 'min_score'],
    ['detections?since=yesterday', 'since'],
    ['detections?since=2026-02-30', 'since'],
    ['detections?until=2026-04-10 noon', 'until'],
    ['detections?known=maybe', 'known'],
    ['detections?cursor=abc', 'cursor'],
    ['detections?min_scroe=3', 'min_scroe'],
    ["detections?product=a'b", 'product'],
    ['detections/one', 'id'],
    ['features?min_diameter_km=-1', 'min_diameter_km'],
  ])('answers 400 and one sentence to %s', async (question, name) => {
    const answer = await fetch(`${await start()}/api/${question}`);
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: string };
    expect(error).toContain(name);
    expect(error.split('\n')).toHaveLength(1);
  });

  it('gives one detection with its outline, features and coverage as the contract says', async () => {
    const address = await start();
    const read = async (path: string) => (await fetch(`${address}/api/${path}`)).json();
    expect(detectionDetail.strict().parse(await read('detections/1')).outline?.type).toBe('MultiPolygon');
    expect(featureCollection.strict().parse(await read('features?bbox=-30,0,0,20')).features).toHaveLength(1);
    expect(coverageCollection.strict().parse(await read('coverage')).features[0]?.properties.detections).toBe(
      2,
    );
    expect((await fetch(`${address}/api/detections/99`)).status).toBe(404);
  });

  it('serves the pictures so that a browser keeps them', async () => {
    const address = await start();
    for (const name of ['chip', 'reconstruction', 'error', 'context']) {
      const answer = await fetch(`${address}/api/detections/1/${name}.png`);
      expect(answer.headers.get('content-type')).toBe('image/png');
      expect(await answer.text()).toBe(`png ${name === 'chip' ? 'tile' : name}`);
      expect(answer.headers.get('cache-control')).toBe('private, no-cache');
      const etag = answer.headers.get('etag') ?? '';
      const again = await fetch(`${address}/api/detections/1/${name}.png`, {
        headers: { 'if-none-match': etag },
      });
      expect(again.status).toBe(304);
    }
    const versioned = await fetch(`${address}/api/detections/1/chip.png?v=abc`);
    expect(versioned.headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${address}/api/detections/2/chip.png`)).status).toBe(404);
  });

  it('gives the project of QGIS as a file, for each view', async () => {
    const address = await start();
    for (const [query, view, name] of [
      ['', 'global', 'selenoscan.qgz'],
      ['?view=north', 'north', 'selenoscan-north.qgz'],
    ]) {
      const answer = await fetch(`${address}/project.qgz${query}`);
      expect(answer.headers.get('content-type')).toBe('application/x-qgis-project');
      expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
      expect(await answer.text()).toBe(`PK ${view}`);
    }
    const wrong = await fetch(`${address}/project.qgz?view=west`);
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toEqual({
      error: 'The parameter view must be one of global, far, north, south, equirectangular.',
    });
    expect((await fetch(`${await start(fakeReader(), 'secret')}/project.qgz`)).status).toBe(401);
  });

  describe('for reviews', () => {
    const json = { 'content-type': 'application/json' };
    async function startDesk(url = '') {
      const said: unknown[] = [];
      const address = await start({ ...fakeReader(), reviews: fakeDesk(said) }, '', url);
      const send = (body: unknown, headers: Record<string, string> = json, id = '1') =>
        fetch(`${address}/api/detections/${id}/review`, {
          method: 'POST',
          headers,
          body: typeof body === 'string' ? body : JSON.stringify(body),
        });
      return { address, said, send };
    }

    it('keeps a verdict and a note, and takes them back', async () => {
      const { address, said, send } = await startDesk();
      const answer = await send({ reviewer: ' Anna ', verdict: 'accept', note: 'like a lander ' });
      const state = reviewState.strict().parse(await answer.json());
      expect(state).toMatchObject({ review: 'accept', reviewer: 'Anna' });
      expect((await send({ reviewer: 'Anna', note: 'only this' })).status).toBe(200);
      const back = await fetch(`${address}/api/detections/1/review?reviewer=Anna`, { method: 'DELETE' });
      expect(reviewState.strict().parse(await back.json()).reviews).toEqual([]);
      expect(said).toEqual([
        [1, { reviewer: 'Anna', verdict: 'accept', note: 'like a lander' }],
        [1, { reviewer: 'Anna', verdict: null, note: 'only this' }],
        [1, 'Anna'],
      ]);
      expect((await send({ reviewer: 'Anna', verdict: 'reject' }, json, '2')).status).toBe(404);
    });

    it.each([
      [{ verdict: 'accept' }, 'reviewer'],
      [{ reviewer: '  ', verdict: 'accept' }, 'reviewer'],
      [{ reviewer: 'a'.repeat(81), verdict: 'accept' }, 'reviewer'],
      [{ reviewer: 'A\u0007', verdict: 'accept' }, 'reviewer'],
      [{ reviewer: 'Anna', verdict: 'maybe' }, 'verdict'],
      [{ reviewer: 'Anna' }, 'verdict'],
      [{ reviewer: 'Anna', note: 7 }, 'note'],
      [{ reviewer: 'Anna', verdict: 'accept', verdikt: 1 }, 'verdikt'],
      [['Anna'], 'JSON object'],
    ])('answers 400 and one sentence to %j', async (body, name) => {
      const { said, send } = await startDesk();
      const answer = await send(body);
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { error: string }).error).toContain(name);
      expect(said).toEqual([]);
    });

    it('takes them from its own page and from programs, not from web pages elsewhere', async () => {
      const { address, said, send } = await startDesk('https://moon.example/');
      const body = { reviewer: 'Anna', verdict: 'accept' };
      const from = (headers: Record<string, string>) => send(body, { ...json, ...headers });
      for (const headers of [
        { origin: 'https://elsewhere.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site', origin: address },
      ])
        expect((await from(headers)).status).toBe(403);
      // A form of another page can send these without asking first.
      for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
        expect((await send(JSON.stringify(body), { 'content-type': type })).status).toBe(415);
      expect((await send('{"reviewer":', json)).status).toBe(400);
      expect((await send({ ...body, note: 'a'.repeat(20_000) })).status).toBe(413);
      expect(said).toEqual([]);
      expect((await from({})).status).toBe(200);
      expect((await from({ origin: address, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
      expect((await from({ origin: 'https://moon.example' })).status).toBe(200);
    });

    it('slows down who sends too many at once', async () => {
      const { send } = await startDesk();
      const answers = [];
      for (let i = 0; i < 130; i++) answers.push(await send({ reviewer: 'Anna', verdict: 'reject' }));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(0);
      expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    });

    it('needs the token where there is one', async () => {
      const address = await start(fakeReader(), 'secret');
      const body = JSON.stringify({ reviewer: 'Anna', verdict: 'accept' });
      const send = (headers: Record<string, string>) =>
        fetch(`${address}/api/detections/1/review`, {
          method: 'POST',
          headers: { ...json, ...headers },
          body,
        });
      expect((await send({})).status).toBe(401);
      expect((await send({ authorization: 'Bearer secret' })).status).toBe(200);
      expect((await fetch(`${address}/api/review/progress`)).status).toBe(401);
    });

    it('tells the progress and the marks as the contract says, by the same filters', async () => {
      const asked: DetectionQuestion[] = [];
      const address = await start(fakeReader(asked));
      const progress = await fetch(`${address}/api/review/progress?min_score=4`);
      expect(reviewStanding.strict().parse(await progress.json()).efficiency.eomv).toBe(1000);
      const marks = await fetch(
        `${address}/api/marks?review=none&reviewer=Anna&site_status=new&min_incidence=40&max_incidence=60&max_score=9`,
      );
      expect(markList.strict().parse(await marks.json()).marks).toHaveLength(1);
      expect(asked).toMatchObject([
        {
          review: 'none',
          reviewer: 'Anna',
          siteStatus: 'new',
          minIncidence: 40,
          maxIncidence: 60,
          maxScore: 9,
        },
      ]);
    });
  });

  it('describes itself: every parameter and answer is in the OpenAPI document', async () => {
    const document = (await (await fetch(`${await start()}/api/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, { get: { parameters: { name: string; schema: { maximum?: number } }[] } }>;
    };
    expect(document.openapi).toBe('3.1.0');
    const detections = document.paths['/api/detections']?.get.parameters ?? [];
    expect(detections.map(({ name }) => name).sort()).toEqual(
      (
        'bbox cursor known limit max_incidence max_score min_incidence min_score order product review ' +
        'reviewer since site site_status until'
      ).split(' '),
    );
    expect(detections.find(({ name }) => name === 'limit')?.schema.maximum).toBe(1000);
    expect(document.paths).toHaveProperty('/api/detections/{id}/context.png');
    const review = document.paths['/api/detections/{id}/review'] as unknown as Record<string, object>;
    expect(review).toMatchObject({
      post: {
        requestBody: { content: { 'application/json': {} } },
        responses: { 403: {}, 415: {}, 429: {} },
      },
      delete: { parameters: [{ name: 'id' }, { name: 'reviewer', required: true }] },
    });
    expect(document.paths).toHaveProperty('/api/review/progress');
  });
});

describe('the page’s server', () => {
  it('sends a policy without inline scripts, and no file but its own', async () => {
    const address = await start();
    const page = await fetch(`${address}/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/page.js/../../package.json',
    ])
      expect((await fetch(address + path)).status).toBe(404);
  });

  it('refuses names that are not the loopback’s, as a rebound DNS name would be', async () => {
    const address = await start();
    const asked = (host: string) => fetch(`${address}/api/detections`, { headers: { host } });
    expect((await asked('evil.example:8080')).status).toBe(421);
    expect((await asked('127.0.0.1.evil.example')).status).toBe(421);
    expect((await asked('localhost:8080')).status).toBe(200);
    expect((await asked('[::1]:8080')).status).toBe(200);
    const behindProxy = await start(fakeReader(), '', 'https://moon.example/');
    const headers = { host: 'moon.example' };
    expect((await fetch(`${behindProxy}/api/detections`, { headers })).status).toBe(200);
  });

  it('opens the API to a browser that came with the token once', async () => {
    const address = await start(fakeReader(), 'secret');
    expect((await fetch(`${address}/`)).status).toBe(200);
    expect((await fetch(`${address}/api/detections`)).status).toBe(401);
    expect((await fetch(`${address}/?token=wrong`)).headers.get('set-cookie')).toBeNull();
    const cookie = (await fetch(`${address}/?token=secret`)).headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly; SameSite=Strict');
    expect(cookie).not.toContain('secret');
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await fetch(`${address}/api/detections`, { headers })).status).toBe(200);
    expect((await fetch(`${address}/metrics`, { headers })).status).toBe(200);
    expect((await fetch(`${address}/api/detections`, { headers: { cookie: 'selenoscan=x' } })).status).toBe(
      401,
    );
    expect((await fetch(`${address}/api/detections?token=secret`)).status).toBe(401);
  });
});

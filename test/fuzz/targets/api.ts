import { connect } from 'node:net';
import type { DetectionQuestion, LonLatBox } from '../../../src/domain/results.js';
import { writeCursor } from '../../../src/http/cursor.js';
import type { ResultReader } from '../../../src/http/result-reader.js';
import { startHttpServer, type HttpServer } from '../../../src/http/server.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { mutateBytes, pick } from '../support/mutate.js';
import { expectThat, WrongSuccess, type Reader, type Outcome, type Prepared } from '../support/target.js';

const TOKEN = 'k2n8-a-token-of-some-length';
const ANSWER_MS = 20_000;
const QUERIES = [
  ...[
    'bbox=-10,-20,30,40',
    'bbox=170,-5,-170,5',
    'since=2026-04-10',
    'until=2026-04-10T01:28:54Z',
    'min_score=4.5',
  ],
  ...[
    'product=M1271742202LC',
    'site=12',
    'known=yes',
    'limit=3',
    `cursor=${writeCursor({ score: 6.5, id: 3 })}`,
  ],
  ...['min_diameter_km=5', 'v=abc', 'view=north', 'token=x', 'constructor=1', '__proto__[x]=1', 'limit[]=1'],
];
const PATHS = [
  ...[
    '/',
    '/page.js',
    '/healthz',
    '/readyz',
    '/metrics',
    '/project.qgz',
    '/api/status',
    '/api/openapi.json',
    '/api/log',
  ],
  ...[
    '/api/revision',
    '/api/detections',
    '/api/detections/1',
    '/api/detections/1/chip.png',
    '/api/features',
    '/api/coverage',
    '/api/marks',
    '/api/review/progress',
  ],
];
const STRANGE = [
  ...[
    '%',
    '%00',
    '%ff',
    '%2e%2e%2f',
    '../',
    '..%5c',
    '//',
    ';',
    '?',
    '&',
    '=',
    '#',
    '+',
    '%0d%0a',
    '\r\n',
    '\0',
    '\xff',
    '"',
  ],
  ...[
    '1e999',
    '-0',
    'NaN',
    'Infinity',
    '0x10',
    '9007199254740993',
    '0000-01-01',
    '9999-12-31T23:59:59-23:59',
    'a'.repeat(9000),
  ],
  ...[
    "' OR 1=1--",
    '$1',
    '{{',
    '<script>',
    'W10',
    'WzFlOTk5LDFd',
    'HTTP/1.0',
    'Transfer-Encoding: chunked\r\n',
    'Expect: x\r\n',
  ],
];

/** Requests as bytes on a socket, to a server with a token and to one without, over a reader with a database's limits. */
export const api: Reader = {
  async prepare(): Promise<Prepared> {
    const open = await start('');
    const closed = await start(TOKEN);
    return {
      input(random) {
        const whole = random.uniform() < 0.5;
        const values = Array.from({ length: random.integer(4) }, () => {
          const [name = '', value = ''] = pick(random, QUERIES).split('=');
          if (whole || random.uniform() < 0.5) return `${name}=${value}`;
          return `${name}=${encodeURIComponent(mutateBytes(random, Buffer.from(value), { tokens: STRANGE }).toString())}`;
        });
        const query = values.join('&');
        const path = `${pick(random, PATHS)}${query === '' ? '' : `?${query}`}`;
        const body = pick(random, [
          '',
          '{"lane":"live","reason":"x"}',
          '{"lane":"backfill"}',
          '{"level":"debug"}',
          '{"verdict":"accept","reviewer":"Ann"}',
          '{"note":"a boulder","reviewer":"Bo"}',
          '[]',
          'lane=live',
        ]);
        const [method, to] =
          body === ''
            ? ['GET', path]
            : pick(random, [
                ['POST', '/api/detections/1/review'],
                ['POST', '/api/pause'],
                ['POST', '/api/resume'],
                ['PUT', '/api/log'],
              ] as const);
        const headers = [
          'Host: 127.0.0.1',
          ...(random.uniform() < 0.3 ? [`Authorization: Bearer ${TOKEN}`] : []),
          ...(random.uniform() < 0.1 ? ['If-None-Match: "x"'] : []),
          ...(random.uniform() < 0.1 ? ['Cookie: selenoscan=x; a=b'] : []),
          ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]),
          'Connection: close',
        ];
        const request = Buffer.from(
          `${method} ${to} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`,
          'latin1',
        );
        const line = request.indexOf('\r\n');
        const bytes = !whole
          ? request
          : mutateBytes(random, request, {
              tokens: STRANGE,
              hot: [
                [5, line - 9],
                [5, request.length],
              ],
            });
        return Buffer.concat([Buffer.from(random.uniform() < 0.7 ? 'open\n' : 'closed\n'), bytes]);
      },
      async run(input): Promise<Outcome> {
        const end = input.indexOf(0x0a);
        const guarded = input.toString('latin1', 0, end) === 'closed';
        const request = input.subarray(end + 1);
        const answer = await ask(guarded ? closed : open, request);
        return judge(request.toString('latin1'), answer, guarded);
      },
      async close() {
        await open.close();
        await closed.close();
      },
    };
  },
};

function judge(request: string, answer: string, guarded: boolean): Outcome {
  // The server may close on what is no request.
  if (answer === '') return 'refused';
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
  expectThat(status >= 200 && status < 500, () => `the answer ${answer.slice(0, 300)}`);
  expectThat(!/\bat .*\.js:\d+|node_modules/.test(answer.slice(0, 2000)), () => 'a stack in the answer');
  if (status >= 400) return 'refused';
  const [, path = ''] = /^\S+ ([^\s?#]*)/.exec(request) ?? [];
  const isOpen = ['/', '/healthz', '/readyz'].includes(path) || /^\/[\w.-]+\.(js|css|svg)$/.test(path);
  expectThat(!guarded || isOpen || request.includes(TOKEN), () => `${status} without the token for ${path}`);
  expectThat(
    /^HTTP[^]*?x-content-type-options: nosniff/i.test(answer),
    () => 'an answer without its headers',
  );
  return 'accepted';
}

function ask({ address }: HttpServer, request: Buffer): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(request));
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => {
      reject(new WrongSuccess(`no answer within ${ANSWER_MS / 1000} s`));
      socket.destroy();
    }, ANSWER_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that has heard enough resets the connection.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
  });
}

function start(token: string): Promise<HttpServer> {
  let level = 'info';
  return startHttpServer({
    listen: { host: '127.0.0.1', port: 0, token },
    vitals: { ready: () => Promise.resolve(), status: () => Promise.resolve({ state: 'idle' }) },
    metrics: createMetrics(),
    results: strictReader(),
    project: (view) => Promise.resolve(Buffer.from(`PK ${view}`)),
    controls: {
      lanes: { pause: () => Promise.resolve(), resume: (lanes) => Promise.resolve(lanes) },
      log: {
        levels: ['debug', 'info'],
        level: () => level,
        set: (to) => {
          expectThat(['debug', 'info'].includes(to), () => `the level ${to}`);
          level = to;
        },
      },
    },
  });
}

/** Takes what a database takes: what is out of range there is an error of the server. */
function strictReader(): ResultReader {
  const checkBox = (box: LonLatBox | undefined) =>
    expectThat(
      box === undefined ||
        ([box.west, box.east].every((lon) => lon >= -180 && lon <= 180) &&
          box.south >= -90 &&
          box.north <= 90 &&
          box.south <= box.north),
      () => `the box ${JSON.stringify(box)}`,
    );
  const checkCount = (count: number, most: number) =>
    expectThat(Number.isInteger(count) && count >= 1 && count <= most, () => `a limit of ${count}`);
  const checkId = (id: number | undefined) =>
    expectThat(id === undefined || (Number.isSafeInteger(id) && id >= 1), () => `the id ${id}`);
  const checkTime = (time: Date | undefined) => {
    const year = time?.getUTCFullYear() ?? 2000;
    expectThat(year >= 1 && year <= 9999, () => `the year ${year}`);
  };
  return {
    revision: () => Promise.resolve('r1'),
    detections(question: DetectionQuestion) {
      checkBox(question.bbox);
      checkCount(question.limit, 1001);
      checkTime(question.since);
      checkTime(question.until);
      checkId(question.siteId);
      checkId(question.after?.id);
      const { after, minScore, imageId } = question;
      expectThat(after === undefined || Number.isFinite(after.score), () => `a place after ${after?.score}`);
      expectThat(minScore === undefined || Math.abs(minScore) <= 1000, () => `scores from ${minScore}`);
      expectThat(imageId === undefined || /^\w{1,40}$/.test(imageId), () => `the image ${imageId}`);
      return Promise.resolve([]);
    },
    detection(id) {
      checkId(id);
      return Promise.resolve(null);
    },
    marks({ bbox, limit }) {
      checkBox(bbox);
      checkCount(limit, 2000);
      return Promise.resolve([]);
    },
    reviews: {
      write(id, { reviewer, verdict, note }) {
        checkId(id);
        expectThat(reviewer.length >= 1 && reviewer.length <= 100, () => `the reviewer ${reviewer}`);
        expectThat(verdict !== null || note !== null, () => 'a review that says nothing');
        return Promise.resolve(null);
      },
      withdraw(id, reviewer) {
        checkId(id);
        expectThat(reviewer.length >= 1 && reviewer.length <= 100, () => `the reviewer ${reviewer}`);
        return Promise.resolve(null);
      },
      standing({ bbox }) {
        checkBox(bbox);
        return Promise.resolve({
          ...{ detections: 0, reviewed: 0, verdicts: {}, reviewers: [], revision: 'r' },
          efficiency: {
            ...{ tiles: 0, reviewed: 0, finds: 0, looks: 0, depth: 0, precision: null },
            ...{ reviewed_share: null, eomv: null, eomv_by_score: null },
          },
          learned: {
            ...{ state: 'waiting', remark: 'Nothing was reviewed yet.', reviewed: 0, finds: 0 },
            ...{ ap_score: null, ap_learned: null, gain_low: null, gain_high: null },
            ...{ eomv_score: null, eomv_learned: null, learned_at: null, ranked: 0 },
          },
        });
      },
      close: () => Promise.resolve(),
    },
    picture(id) {
      checkId(id);
      return Promise.resolve(id === 1 ? Buffer.from('png') : null);
    },
    features({ bbox, limit }) {
      checkBox(bbox);
      checkCount(limit, 2000);
      return Promise.resolve([]);
    },
    coverage({ bbox, limit }) {
      checkBox(bbox);
      checkCount(limit, 5000);
      return Promise.resolve([]);
    },
  };
}

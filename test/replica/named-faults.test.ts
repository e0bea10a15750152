import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FAULT_NAMES, type FaultName } from '../../src/replica/named-faults.js';
import type { FaultRule } from '../../src/replica/fault-script.js';
import type { Replica } from '../../src/replica/replica.js';
import { rawGet, type RawAnswer, type RawOptions } from './raw-http.js';
import { archiveUrls, testReplica } from './support.js';

const BYTES = 40_000;
const HTML = /^<!DOCTYPE html>/;

/** What a fault does on the wire to a request for a browse image of 40,000 bytes, or its label, at the store. */
interface Wire {
  readonly target?: 'image' | 'label' | 'index-label';
  readonly with?: FaultRule['with'];
  readonly request?: RawOptions;
  readonly seen: (answer: RawAnswer, sound: RawAnswer, replica: Replica) => void | Promise<void>;
}

const status =
  (code: number, retryAfter?: RegExp) =>
  ({ status, headers, body, end }: RawAnswer) => {
    expect([status, end]).toEqual([code, 'complete']);
    expect(body.toString()).toMatch(HTML);
    if (retryAfter === undefined) expect(headers).not.toHaveProperty('retry-after');
    else expect(headers['retry-after']).toMatch(retryAfter);
  };

const s3 =
  (code: number, word: string) =>
  ({ status, headers, body }: RawAnswer) => {
    expect([status, headers['content-type']]).toEqual([code, 'application/xml']);
    expect(body.toString()).toContain(`<Error><Code>${word}</Code>`);
  };

const cut = (how: RawAnswer['end']) => (answer: RawAnswer, sound: RawAnswer) => {
  expect(answer.status).toBe(200);
  expect(answer.headers['content-length']).toBe(String(BYTES));
  expect(answer.body.equals(sound.body.subarray(0, BYTES / 2))).toBe(true);
  expect(answer.end).toBe(how);
};

const location =
  (text: (replica: Replica, path: string) => string) =>
  (answer: RawAnswer, _: RawAnswer, replica: Replica) => {
    expect([answer.status, answer.body.length]).toEqual([302, 0]);
    const path = new URL(archiveUrls(replica).image).pathname;
    expect(answer.headers['location']).toBe(text(replica, path));
  };

const port = ({ address }: Replica) => new URL(address).port;
const RANGE = { headers: { Range: 'bytes=1000-1999' } };
const RETRY_DATE = /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/;

const WIRE: Record<FaultName, Wire> = {
  'http-403': { seen: status(403) },
  'http-404': { seen: status(404) },
  'http-429': { seen: status(429, /^30$/) },
  'http-429-date': {
    seen(answer, sound) {
      status(429, RETRY_DATE)(answer);
      const ahead = Date.parse(answer.headers['retry-after']!) - Date.parse(sound.headers['date']!);
      expect(Math.abs(ahead - 30_000)).toBeLessThan(5000);
    },
  },
  'http-429-bare': { seen: status(429) },
  'http-500': { seen: status(500) },
  'http-502': { seen: status(502) },
  'http-503': { seen: status(503, /^30$/) },
  'http-503-bare': { seen: status(503) },
  'http-504': { seen: status(504) },
  's3-no-such-key': { seen: s3(404, 'NoSuchKey') },
  's3-access-denied': { seen: s3(403, 'AccessDenied') },
  's3-slow-down': { seen: s3(503, 'SlowDown') },
  's3-no-such-key-200': { seen: s3(200, 'NoSuchKey') },
  's3-access-denied-200': { seen: s3(200, 'AccessDenied') },
  's3-slow-down-200': { seen: s3(200, 'SlowDown') },
  'html-for-data': {
    seen(answer) {
      status(200)(answer);
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
    },
  },
  'html-as-tiff': {
    seen(answer) {
      status(200)(answer);
      expect(answer.headers['content-type']).toBe('image/tiff');
    },
  },
  'empty-body': {
    seen: ({ status, body, end }) => expect([status, body.length, end]).toEqual([200, 0, 'complete']),
  },
  'redirect-loop': {
    async seen(answer, _, replica) {
      location((_, path) => `http://localhost:${port(replica)}/redirect-loop${path}`)(
        answer,
        answer,
        replica,
      );
      const next = await rawGet(answer.headers['location']!);
      expect(next.status).toBe(302);
      expect(new URL(next.headers['location']!, answer.headers['location']).href).toBe(
        answer.headers['location'],
      );
    },
  },
  'redirect-nowhere': {
    async seen(answer, _, replica) {
      location((_, path) => `http://127.0.0.1:1${path}`)(answer, answer, replica);
      expect(await rawGet(answer.headers['location']!)).toMatchObject({ status: null, end: 'reset' });
    },
  },
  'redirect-other-host': {
    async seen(answer, sound, replica) {
      location((_, path) => `http://127.0.0.1:${port(replica)}/elsewhere${path}`)(answer, answer, replica);
      expect((await rawGet(answer.headers['location']!)).body.equals(sound.body)).toBe(true);
    },
  },
  'redirect-protocol-relative': {
    async seen(answer, sound, replica) {
      location((_, path) => `//127.0.0.1:${port(replica)}/elsewhere${path}`)(answer, answer, replica);
      expect((await rawGet(`http:${answer.headers['location']}`)).body.equals(sound.body)).toBe(true);
    },
  },
  'redirect-https': {
    seen: location((replica, path) => `https://localhost:${port(replica)}${path}`),
  },
  'redirect-without-location': {
    seen({ status, headers }) {
      expect(status).toBe(302);
      expect(headers).not.toHaveProperty('location');
    },
  },
  'no-answer': {
    seen: ({ status, end, tookMs }) => {
      expect([status, end]).toEqual([null, 'open']);
      expect(tookMs).toBeGreaterThan(290);
    },
  },
  late: {
    with: { delayMs: 150 },
    seen(answer, sound) {
      expect(answer.tookMs).toBeGreaterThan(145);
      expect(answer.body.equals(sound.body)).toBe(true);
    },
  },
  reset: { seen: ({ status, end }) => expect([status, end]).toEqual([null, 'reset']) },
  'reset-mid-body': { seen: cut('reset') },
  stall: { seen: cut('open') },
  'cut-short': { seen: cut('closed') },
  'short-length': {
    seen(answer, sound) {
      expect([answer.end, answer.headers['content-length']]).toEqual(['complete', String(BYTES / 2)]);
      expect(answer.body.equals(sound.body.subarray(0, BYTES / 2))).toBe(true);
    },
  },
  'too-long': {
    seen(answer, sound) {
      expect([answer.end, answer.headers['content-length']]).toEqual(['complete', String(BYTES + 1000)]);
      expect(answer.body.subarray(0, BYTES).equals(sound.body)).toBe(true);
      expect(answer.body).toHaveLength(BYTES + 1000);
    },
  },
  'changed-byte': {
    seen(answer, sound) {
      expect(answer.body).toHaveLength(BYTES);
      expect(differences(answer.body, sound.body)).toEqual([BYTES / 2]);
    },
  },
  'label-md5': {
    target: 'label',
    async seen(answer, sound, replica) {
      const told = (label: RawAnswer) => /<md5_checksum>(\w{32})</.exec(label.body.toString())![1];
      const image = await rawGet(archiveUrls(replica).image);
      expect(told(sound)).toBe(createHash('md5').update(image.body).digest('hex'));
      expect(told(answer)).not.toBe(told(sound));
      expect(answer.headers['etag']).not.toBe(sound.headers['etag']);
    },
  },
  'label-size': {
    target: 'index-label',
    seen(answer, sound) {
      const told = (label: RawAnswer) => Number(/FILE_RECORDS\s+= (\d+)/.exec(label.body.toString())![1]);
      expect(told(answer)).toBe(told(sound) + 1);
    },
  },
  drip: {
    with: { bytesPerSecond: 200_000 },
    seen(answer, sound) {
      expect(answer.body.equals(sound.body)).toBe(true);
      expect(answer.tookMs).toBeGreaterThan(95);
    },
    request: { patienceMs: 2000 },
  },
  gzip: {
    target: 'label',
    seen(answer, sound) {
      expect(answer.headers['content-encoding']).toBe('gzip');
      expect(answer.headers).not.toHaveProperty('content-length');
      expect(gunzipSync(unchunked(answer.body)).equals(sound.body)).toBe(true);
    },
  },
  'range-ignored': {
    request: RANGE,
    seen(answer) {
      expect([answer.status, answer.body.length]).toEqual([200, BYTES]);
      expect(answer.headers).not.toHaveProperty('content-range');
    },
  },
  'range-shifted': {
    request: RANGE,
    seen(answer, sound) {
      expect([answer.status, answer.headers['content-range']]).toEqual([206, `bytes 1007-1999/${BYTES}`]);
      expect(answer.body.equals(sound.body.subarray(7))).toBe(true);
    },
  },
  'range-unnamed': {
    request: RANGE,
    seen(answer, sound) {
      expect(answer.status).toBe(206);
      expect(answer.headers).not.toHaveProperty('content-range');
      expect(answer.body.equals(sound.body)).toBe(true);
    },
  },
  'multi-range-whole': {
    request: { headers: { Range: 'bytes=0-9,20-29' } },
    seen(answer) {
      expect([answer.status, answer.body.length, answer.headers['content-type']]).toEqual([
        200,
        BYTES,
        'image/tiff',
      ]);
    },
  },
  'connection-dropped': {
    request: { watchMs: 100 },
    seen(answer, sound) {
      expect(answer.body.equals(sound.body)).toBe(true);
      expect(answer.headers['connection']).toBe('keep-alive');
      expect([sound.closedAfter, answer.closedAfter]).toEqual([false, true]);
    },
  },
  'weak-etag': {
    async seen(answer, sound, replica) {
      expect(answer.headers['etag']).toBe(`W/${sound.headers['etag']}`);
      const { image } = archiveUrls(replica);
      const weak = answer.headers['etag']!;
      const part = await rawGet(image, { headers: { ...RANGE.headers, 'If-Range': weak } });
      expect(part.status).toBe(200);
      expect((await rawGet(image, { headers: { 'If-None-Match': weak } })).status).toBe(304);
    },
  },
  'no-etag': {
    seen({ headers, status }) {
      expect(status).toBe(200);
      expect(headers).not.toHaveProperty('etag');
      expect(headers).toHaveProperty('last-modified');
    },
  },
  'no-last-modified': {
    seen({ headers }) {
      expect(headers).toHaveProperty('etag');
      expect(headers).not.toHaveProperty('last-modified');
    },
  },
  'no-validators': {
    async seen({ headers }, sound, replica) {
      expect(headers).not.toHaveProperty('etag');
      expect(headers).not.toHaveProperty('last-modified');
      const again = { 'If-Modified-Since': sound.headers['last-modified']! };
      expect((await rawGet(archiveUrls(replica).image, { headers: again })).status).toBe(200);
    },
  },
  throttle: {
    with: { throttle: { requests: 2, windowS: 0.3 } },
    async seen(first, sound, replica) {
      const { image } = archiveUrls(replica);
      expect(first.body.equals(sound.body)).toBe(true);
      expect((await rawGet(image)).status).toBe(200);
      const refused = await rawGet(image);
      expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
      expect((await rawGet(archiveUrls(replica, '127.0.0.1').front)).status).toBe(302);
      await new Promise((resolve) => setTimeout(resolve, 320));
      expect((await rawGet(image)).body.equals(sound.body)).toBe(true);
    },
  },
};

describe('each fault that has a name', () => {
  it.each(FAULT_NAMES)(
    '%s does on the wire what it says, is named in the log and leaves no trace',
    async (name) => {
      const replica = await testReplica();
      const wire = WIRE[name];
      const urls = archiveUrls(replica);
      const url = { image: urls.image, label: urls.label, 'index-label': urls.indexLabel }[
        wire.target ?? 'image'
      ];
      const sound = await rawGet(url, wire.request);
      replica.faults.use({
        rules: [{ fault: name, ...(wire.with === undefined ? {} : { with: wire.with }) }],
      });
      const answer = await rawGet(url, wire.request);
      await wire.seen(answer, sound, replica);
      expect(replica.faults.report().rules[0]!.struck).toBeGreaterThan(0);
      expect(replica.log.map(({ fault }) => fault)).toContain(name);
      replica.faults.clear();
      const after = await rawGet(url, wire.request);
      expect([after.status, after.headers['etag']]).toEqual([sound.status, sound.headers['etag']]);
      expect(after.body.equals(sound.body)).toBe(true);
      expect(replica.log.at(-1)!.fault).toBe(null);
    },
  );

  it('strikes again where a broken download goes on, at the middle of what is left', async () => {
    const replica = await testReplica();
    replica.faults.use({ rules: [{ fault: 'cut-short', kind: 'browse-image' }] });
    const { image } = archiveUrls(replica);
    const first = await rawGet(image);
    const rest = await rawGet(image, { headers: { Range: `bytes=${first.body.length}-` } });
    expect([first.body.length, rest.status, rest.body.length]).toEqual([BYTES / 2, 206, BYTES / 4]);
  });
});

function differences(a: Buffer, b: Buffer): number[] {
  return [...a.keys()].filter((i) => a[i] !== b[i]);
}

/** Puts the chunks of a chunked body together. */
function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const line = body.indexOf('\r\n', at);
    const length = parseInt(body.toString('latin1', at, line), 16);
    if (!(length > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(line + 2, line + 2 + length));
    at = line + 4 + length;
  }
}

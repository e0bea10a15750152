import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Release } from '../../src/archive/archive-source.js';
import type { BreakerLimits } from '../../src/archive/politeness/circuit.js';
import type { DownloadArea } from '../../src/archive/fetch/download-area.js';
import type { Access } from '../../src/archive/fetch/fetch-image.js';
import type { ImageFile } from '../../src/archive/fetch/fetch-product.js';
import { createLocalGate } from '../../src/archive/politeness/host-gate.js';
import { HttpClient } from '../../src/archive/http/http-client.js';
import { VolumeIndexSource } from '../../src/archive/index/volume-index-source.js';
import type { Clock } from '../../src/domain/clock.js';
import type { Product } from '../../src/domain/product.js';

const DATA = new URL('../../../shared/data/', import.meta.url);

/** Whether real data lie beside the checkout; says so when they do not. */
export function present(path: string): boolean {
  const found = existsSync(new URL(path, DATA));
  if (!found) console.warn(`skipped: ../shared/data/${path} is not there`);
  return found;
}

export function readData(path: string): Buffer {
  return readFileSync(new URL(path, DATA));
}

/** A clock whose sleeps pass at once and are written down. */
export interface FakeClock extends Clock {
  readonly slept: number[];
}

export function fakeClock(start = '2026-09-01T00:00:00Z'): FakeClock {
  let now = new Date(start).getTime();
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(now),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
      await nextTurn();
    },
  };
}

export interface TestSource {
  readonly source: VolumeIndexSource;
  readonly client: HttpClient;
  readonly clock: FakeClock;
  /** An empty folder for images. */
  readonly dir: string;
  /** Names of what lies in the folders for images and tables. */
  readonly leftovers: () => Promise<string[]>;
}

/** A source on the given base addresses, cleaned up after the test. */
export async function testSource(
  urls: readonly string[],
  options: {
    retries?: number;
    timeoutMs?: number;
    spacingMs?: number;
    clock?: FakeClock;
    access?: Access;
    breaker?: BreakerLimits;
    image?: ImageFile;
    maxBytes?: number;
    area?: DownloadArea;
  } = {},
): Promise<TestSource> {
  const { retries = 2, timeoutMs = 5000, spacingMs = 0, clock = fakeClock(), access = 'download' } = options;
  const dir = await mkdtemp(join(tmpdir(), 'selenoscan-test-images-'));
  const tempDir = await mkdtemp(join(tmpdir(), 'selenoscan-test-tables-'));
  onTestFinished(async () => {
    for (const each of [dir, tempDir]) await rm(each, { recursive: true });
  });
  const { image, maxBytes, area } = options;
  const images = { area, ...(image && { image }), ...(maxBytes !== undefined && { maxBytes }) };
  // Faults in a row are what many tests are about: the circuit stays closed unless a test asks for one.
  const { breaker = { failures: 1000, openMs: 1 } } = options;
  const gate = createLocalGate({ spacingMs, patienceMs: 120_000, clock, breaker });
  const client = new HttpClient({ userAgent: 'selenoscan-test', gate, clock, timeoutMs, retries });
  const source = new VolumeIndexSource({ urls, dataSet: 'cdr', client, clock, tempDir, access, ...images });
  onTestFinished(() => source.close());
  return {
    source,
    client,
    clock,
    dir,
    leftovers: async () => (await Promise.all([dir, tempDir].map((each) => readdir(each)))).flat(),
  };
}

/** An empty folder that goes with the test. */
export async function testFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'selenoscan-test-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export interface TestServer {
  /** Ends in a slash. */
  readonly url: string;
  readonly port: number;
  /** What was asked so far. */
  readonly asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
}

/** A server of one's own on the loopback, closed after the test. */
export async function testServer(listener: RequestListener): Promise<TestServer> {
  const asked: TestServer['asked'] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    listener(request, response);
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}/`, port, asked };
}

/** Port of a server that is closed after the test. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The products of one release or several, whatever doubts there are. */
export async function productsOf(...releases: readonly Pick<Release, 'products'>[]): Promise<Product[]> {
  const announced = await Promise.all(releases.map(({ products }) => all(products)));
  return announced.flat().map(({ product }) => product);
}

/** A product as an index gives it, for what needs no archive. */
export function product(overrides: Partial<Product> = {}): Product {
  const place = { lon: 10, lat: 20 };
  return {
    productId: 'M1271742202LC',
    version: 'v1.9',
    imageId: 'M1271742202L',
    dataSetId: 'LRO-L-LROC-3-CDR-V1.0',
    volumeId: 'LROLRC_1034',
    fileSpecification: 'LRO-L-LROC-3-CDR-V1.0/LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG',
    frame: 'LEFT',
    startTime: new Date('2018-01-28T01:28:54.845Z'),
    stopTime: new Date('2018-01-28T01:29:27.328Z'),
    orbit: 38731,
    lines: 52224,
    samples: 5064,
    pixelWidthM: 0.9,
    pixelHeightM: 0.96,
    resolutionM: 0.933,
    incidenceDeg: 29.95,
    emissionDeg: 1.74,
    phaseDeg: 31.37,
    subSolar: { lon: 44.82, lat: 0.21 },
    northAzimuthDeg: 274.77,
    subSolarAzimuthDeg: 144.09,
    center: place,
    corners: { upperLeft: place, upperRight: place, lowerRight: place, lowerLeft: place },
    spacecraftAltitudeKm: 90.31,
    flightDirection: '-X',
    dataQuality: 0,
    rowHash: '',
    ...overrides,
  };
}

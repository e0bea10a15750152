import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { OdeSource } from '../../src/archive/ode/ode-source.js';
import { createLocalGate } from '../../src/archive/politeness/host-gate.js';
import { HttpClient } from '../../src/archive/http/http-client.js';
import { angleDeg } from '../../src/domain/sphere.js';
import { subSolarPoint } from '../../src/domain/sub-solar-point.js';
import { fakeClock, type FakeClock } from './support.js';

/** A product as ODE answers it; every value is a string. */
export type Json = { [name: string]: string | Json | Json[] | string[] };

/** Parameters that the service knows; all others it ignores in silence. */
const KNOWN = [
  ...['query', 'output', 'results', 'target', 'ihid', 'iid', 'pt', 'odemetadb', 'pdsid', 'limit', 'offset'],
  ...['minobtime', 'maxobtime', 'mincreationtime', 'maxcreationtime'],
];

export interface OdeServer {
  readonly url: string;
  /** In the service's own order; may be changed at any time. */
  products: Json[];
  /** Longest answer, in characters; longer ones are cut there, with status 200. */
  cutAt: number;
  /** Parameters that are dropped in silence. */
  readonly deaf: Set<string>;
  /** Answers in its own way where it answers true. */
  fault: ((parameters: URLSearchParams, response: ServerResponse) => boolean) | null;
  /** Called before each answer. */
  before: (() => void) | null;
  /** Time of the newest observation as `iipt` tells it; null = that of the products. */
  newest: string | null;
  readonly log: { readonly at: number; readonly parameters: URLSearchParams; readonly status: number }[];
}

/** ODE by what is known of it: limits, silence, one hit that is no list, sentences in place of lists. */
export async function odeServer(clock: FakeClock, products: Json[] = []): Promise<OdeServer> {
  const server = createServer((request, response) => {
    const at = clock.now().getTime();
    const parameters = new URL(request.url ?? '/', 'http://ode').searchParams;
    ode.before?.();
    const recent = ode.log.filter((entry) => entry.at > at - 90_000).length;
    const write = (status: number, body: string, type = 'application/json') => {
      ode.log.push({ at, parameters, status });
      response.writeHead(status, { 'Content-Type': type }).end(body);
    };
    if (recent >= 45) return write(403, '<html>Forbidden</html>', 'text/html');
    if (ode.fault?.(parameters, response) === true) return void ode.log.push({ at, parameters, status: 0 });
    const text = `\uFEFF${JSON.stringify({ ODEResults: answer(ode, parameters) })}`;
    write(200, text.slice(0, ode.cutAt));
  });
  const ode: OdeServer = {
    url: '',
    products,
    cutAt: Infinity,
    deaf: new Set(),
    fault: null,
    before: null,
    newest: null,
    log: [],
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return Object.assign(ode, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/live2/` });
}

function answer(ode: OdeServer, given: URLSearchParams): Json {
  const applied = new Map<string, string>();
  for (const [name, value] of given) {
    const lower = name.toLowerCase();
    if (KNOWN.includes(lower) && !ode.deaf.has(lower)) applied.set(lower, value);
  }
  if (!applied.has('mincreationtime')) applied.delete('maxcreationtime');
  const of = (name: string) => applied.get(name) ?? '';
  if (of('query') === 'iipt') return iipt(ode);
  if (!['CDRNAC4', 'EDRNAC4'].includes(of('pt'))) return { Status: 'ERROR', Error: 'Invalid IIPT.' };
  const found = ode.products.filter((product) => {
    const created = (product['Product_creation_time'] as string).slice(0, 10);
    const observed = (product['Observation_time'] as string).slice(0, 10);
    return (
      (!applied.has('mincreationtime') || (created !== '' && created >= of('mincreationtime'))) &&
      (!applied.has('maxcreationtime') || created <= of('maxcreationtime')) &&
      (!applied.has('minobtime') || observed >= of('minobtime')) &&
      (!applied.has('maxobtime') || observed <= of('maxobtime'))
    );
  });
  const summary = Object.fromEntries(
    [...applied].map(([name, value]) => {
      if (name === 'query' || name === 'results') return [name, value.toUpperCase()];
      if (name.startsWith('max') && name.endsWith('time')) return [name, `${value}T23:59:59.999`];
      return [name, name === 'output' ? value : value.toLowerCase()];
    }),
  );
  const envelope = { Count: String(found.length), QuerySummary: { ...summary, Date: '2026-09-28T00:00:00' } };
  if (of('results') === 'c') return { ...envelope, Status: 'Success' };
  const offset = Number(of('offset') || 0);
  const page = found.slice(offset, offset + Number(of('limit') || 100));
  const Products = page.length === 0 ? 'No Products Found' : { Product: page.length === 1 ? page[0]! : page };
  return { ...envelope, Products, Status: 'Success' };
}

/** The list repeats a set for each data set id, and counts what is no product of the Moon. */
function iipt(ode: OdeServer): Json {
  const newest = ode.products.map((product) => product['Observation_time'] as string).sort();
  const set = (PT: string, DataSetId: string, products: number, last: string): Json => ({
    ODEMetaDB: 'Moon',
    IHID: 'LRO',
    IID: 'LROC',
    PT,
    DataSetId,
    NumberProducts: String(products),
    MinObservationTime: '2009-06-30T00:00:00.000',
    MaxObservationTime: last,
  });
  const own = ode.products.length + 7;
  const last = ode.newest ?? newest[newest.length - 1] ?? '';
  const sets = [
    set('CDRWAC4', 'LRO-L-LROC-3-CDR-V1.0', 99, '2030-01-01T00:00:00.000'),
    set('CDRNAC4', 'LRO-L-LROC-3-CDR-V1.0', own, last),
    set('CDRNAC4', 'urn:nasa:pds:lro-l-lroc-3-cdr', own, last),
  ];
  return { IIPTSets: { IIPTSet: sets }, Status: 'Success' };
}

/** A source on a server, with a clock whose sleeps pass at once. */
export async function odeSource(
  options: { products?: Json[]; now?: string; retries?: number; timeoutMs?: number } = {},
): Promise<{ source: OdeSource; ode: OdeServer; clock: FakeClock }> {
  const { products = [], now = '2026-09-01T06:00:00Z', retries = 2, timeoutMs = 5000 } = options;
  const clock = fakeClock(now);
  const ode = await odeServer(clock, products);
  const gate = createLocalGate({ spacingMs: 0, patienceMs: 120_000, clock });
  const client = new HttpClient({ userAgent: 'selenoscan-test', gate, clock, timeoutMs, retries: 9 });
  const images = { fetchImage: () => Promise.reject(new Error('not asked here')) };
  const source = new OdeSource({ url: ode.url, dataSet: 'cdr', client, clock, retries, images });
  onTestFinished(() => source.close());
  return { source, ode, clock };
}

/** A record of a CDR of the left camera that agrees with itself; the longer `padding`, the longer its answer. */
export function odeRecord(
  number: number,
  options: { observed?: string; created?: string; padding?: number } = {},
): Json {
  const { observed = '2026-04-01T10:00:00.000', created = '2026-05-01T00:00:00.000', padding = 0 } = options;
  const id = `m${number}lc`;
  const center = { lon: 22.05, lat: 20.23 };
  const incidence = angleDeg(center, subSolarPoint(new Date(`${observed}Z`)));
  const url = `https://pds.lroc.im-ldi.com/data/LRO-L-LROC-3-CDR-V1.0/LROLRC_1067A/DATA/ESM6/2026091/NAC/${id.toUpperCase()}.IMG`;
  return {
    pdsid: `nac.${id}`,
    ihid: 'LRO',
    iid: 'LROC',
    pt: 'CDRNAC4',
    Target_name: 'MOON',
    PDSVolume_Id: 'LROLRC_1067A',
    Observation_time: observed,
    UTC_start_time: observed,
    UTC_stop_time: observed,
    Product_creation_time: created,
    Center_latitude: String(center.lat),
    Center_longitude: String(center.lon),
    Incidence_angle: incidence.toFixed(2),
    Emission_angle: '1.7',
    Phase_angle: '',
    Map_resolution: '0.93',
    Footprint_C0_geometry: 'POLYGON ((21.93 19.4, 22.02 21.07, 22.19 21.06, 22.08 19.39, 21.93 19.4))',
    Comment: 'x'.repeat(padding),
    Product_files: { Product_file: [{ FileName: `${id.toUpperCase()}.IMG`, Type: 'Product', URL: url }] },
  };
}

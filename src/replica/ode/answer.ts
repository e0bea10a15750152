import type { DataSet } from '../../archive/data-set.js';
import { nacRow } from '../index-rows.js';
import type { Volume } from '../volume.js';
import { boundsOf } from './footprint.js';
import { cornersOf, createdAt, odeFiles, odeMetadata, pdsId } from './product.js';
import { PRODUCT_TYPES, readOdeQuery, type OdeArea, type OdeQuery } from './query.js';

type Json = Record<string, unknown>;

/** A product by its place, not yet planned. */
interface Found {
  readonly volume: Volume;
  readonly n: number;
}

/**
 * The answer of the ODE REST service to a query, as it shapes it: all values are texts, one hit stands alone
 * instead of in a list, and the query summary repeats only the parameters that it knows.
 * @param address of the replica, to which the URLs of files lead
 */
export function odeAnswer(parameters: URLSearchParams, released: readonly Volume[], address: string): Json {
  const kind = parameters.get('query')?.toLowerCase();
  if (kind === 'iipt') return { ODEResults: { IIPTSets: iiptSets(released), Status: 'Success' } };
  const query = kind === 'product' ? readOdeQuery(parameters) : `Invalid query: ${kind ?? ''}`;
  if (typeof query === 'string') return { ODEResults: { Error: query, Status: 'ERROR' } };
  const found = search(query, released);
  const page = found.slice(query.offset, query.offset + query.limit);
  const wanted = /[fmp]/.test(query.results);
  return {
    ODEResults: {
      ...(query.results.includes('c') ? { Count: String(found.length) } : {}),
      ...(wanted ? { Products: products(page, query, address) } : {}),
      QuerySummary: summary(query),
      Status: 'Success',
    },
  };
}

/** Matches by what is known without planning a product first. */
function search(query: OdeQuery, released: readonly Volume[]): Found[] {
  const found: Found[] = [];
  for (const volume of released) {
    if (query.dataSet !== null && volume.dataSet !== query.dataSet) continue;
    for (let n = 0; n < volume.plan.count; n++) {
      const start = volume.plan.startOf(n);
      if (start < query.observed.from || start > query.observed.to) continue;
      if (isWanted({ volume, n }, query)) found.push({ volume, n });
    }
  }
  return found;
}

function isWanted({ volume, n }: Found, { pdsid, created, area }: OdeQuery): boolean {
  if (pdsid === null && created === null && area === null) return true;
  const product = volume.plan.at(n);
  if (pdsid !== null && pdsId(product) !== pdsid.toLowerCase()) return false;
  const made = createdAt(product, volume);
  if (created !== null && (made < created.from || made > created.to)) return false;
  if (area === null) return true;
  const corners = cornersOf(nacRow(product, volume.volumeId));
  return corners !== null && overlaps(boundsOf(corners), area);
}

function overlaps(bounds: OdeArea, area: OdeArea): boolean {
  if (bounds.south > area.north || bounds.north < area.south) return false;
  if (area.east - area.west >= 360) return true;
  const within = (lon: number, { west, east }: OdeArea) =>
    west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
  return within(bounds.west, area) || within(bounds.east, area) || within(area.west, bounds);
}

function products(page: readonly Found[], { results }: OdeQuery, address: string): unknown {
  const list = page.map(({ volume, n }) => {
    const product = volume.plan.at(n);
    return {
      ...(/[mp]/.test(results) ? odeMetadata(product, volume) : { pdsid: pdsId(product) }),
      ...(results.includes('f') ? odeFiles(product, volume, address) : {}),
    };
  });
  if (list.length === 0) return 'No Products Found';
  return { Product: alone(list) };
}

function summary({ known }: OdeQuery): Json {
  const upper = new Set(['query', 'results', 'output']);
  const echoed = Object.entries(known).map(([name, value]) => [
    name,
    upper.has(name) ? value.toUpperCase() : value.toLowerCase(),
  ]);
  return {
    ...(Object.fromEntries(echoed) as Json),
    Date: new Date().toISOString().slice(0, 23),
    Query_Elapsed_Time: '00:00:00.2499868',
  };
}

function iiptSets(released: readonly Volume[]): unknown {
  const sets = (['cdr', 'edr'] as const satisfies readonly DataSet[]).flatMap((dataSet) => {
    const volumes = released.filter((volume) => volume.dataSet === dataSet);
    const starts = volumes.flatMap(({ plan }) =>
      Array.from({ length: plan.count }, (_, n) => plan.startOf(n)),
    );
    if (starts.length === 0) return [];
    const extreme = (pick: (a: number, b: number) => number) =>
      new Date(starts.reduce((a, b) => pick(a, b))).toISOString().slice(0, 23);
    return {
      IHID: 'LRO',
      IHName: 'Lunar Reconnaissance Orbiter',
      IID: 'LROC',
      IName: 'Lunar Reconnaissance Orbiter Camera',
      PT: PRODUCT_TYPES[dataSet],
      PTName: `${dataSet.toUpperCase()} Narrow Angle Camera (PDS4)`,
      ODEMetaDB: 'moon',
      ValidFootprints: 'T',
      NumberProducts: String(starts.length),
      NumberObservations: String(starts.length),
      MinObservationTime: extreme(Math.min),
      MaxObservationTime: extreme(Math.max),
    };
  });
  return sets.length === 0 ? 'No IIPT Sets Found' : { IIPTSet: alone(sets) };
}

/** One item stands for itself. */
function alone<T>(list: readonly T[]): T | readonly T[] {
  const [only] = list;
  return list.length === 1 && only !== undefined ? only : list;
}

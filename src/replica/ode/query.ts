import type { DataSet } from '../../archive/data-set.js';

/** What ODE was asked, read from the parameters that it knows. */
export interface OdeQuery {
  /** The parameters that it knows, by name, as given. */
  readonly known: Readonly<Record<string, string>>;
  /** Letters of `results`, lower-case. */
  readonly results: string;
  /** null: any. */
  readonly dataSet: DataSet | null;
  readonly pdsid: string | null;
  /** Of the start of the image, ms. */
  readonly observed: Span;
  /** Of the making of the product, ms; null: not asked. */
  readonly created: Span | null;
  readonly area: OdeArea | null;
  readonly limit: number;
  readonly offset: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Degrees; longitudes 0..360, the western one larger where the area crosses 0. */
export interface OdeArea {
  readonly south: number;
  readonly north: number;
  readonly west: number;
  readonly east: number;
}

const KNOWN = [
  'query',
  'target',
  'odemetadb',
  'ihid',
  'iid',
  'pt',
  'pdsid',
  'results',
  'output',
  'loc',
  'minlat',
  'maxlat',
  'westernlon',
  'easternlon',
  'minobtime',
  'maxobtime',
  'mincreationtime',
  'maxcreationtime',
  'limit',
  'offset',
];
/** Names of the two sets of products, instrument by instrument. */
export const PRODUCT_TYPES: Readonly<Record<DataSet, string>> = { cdr: 'CDRNAC4', edr: 'EDRNAC4' };
const DEFAULT_LIMIT = 100;
const MOST_ROWS = 5000;
const DAY_MS = 86_400_000;

/** @returns the query, or what ODE says is wrong with it. Unknown names are passed over without a word. */
export function readOdeQuery(parameters: URLSearchParams): OdeQuery | string {
  const known = Object.fromEntries(
    KNOWN.flatMap((name) => {
      const value = parameters.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const dataSet = dataSetOf(known);
  if (dataSet === undefined) {
    return `Invalid IIPT: ${known['ihid'] ?? ''} ${known['iid'] ?? ''} ${known['pt'] ?? ''}`;
  }
  const { mincreationtime, maxcreationtime } = known;
  return {
    known,
    results: (known['results'] ?? 'c').toLowerCase(),
    dataSet,
    pdsid: known['pdsid'] ?? null,
    observed: { from: from(known['minobtime']), to: to(known['maxobtime']) },
    // A latest time of creation alone is ignored.
    created: mincreationtime === undefined ? null : { from: from(mincreationtime), to: to(maxcreationtime) },
    area: areaOf(known),
    limit: Math.min(MOST_ROWS, whole(known['limit'], DEFAULT_LIMIT)),
    offset: whole(known['offset'], 0),
  };
}

/** undefined for a set that ODE has not. */
function dataSetOf({ ihid, iid, pt, pdsid }: Readonly<Record<string, string>>): DataSet | null | undefined {
  if (ihid === undefined && iid === undefined && pt === undefined && pdsid !== undefined) return null;
  if (ihid?.toUpperCase() !== 'LRO' || iid?.toUpperCase() !== 'LROC') return undefined;
  return (['cdr', 'edr'] as const).find((dataSet) => PRODUCT_TYPES[dataSet] === pt?.toUpperCase());
}

function areaOf({
  minlat,
  maxlat,
  westernlon,
  easternlon,
}: Readonly<Record<string, string>>): OdeArea | null {
  if ([minlat, maxlat, westernlon, easternlon].every((value) => value === undefined)) return null;
  return {
    south: Number(minlat ?? -90),
    north: Number(maxlat ?? 90),
    west: Number(westernlon ?? 0),
    east: Number(easternlon ?? 360),
  };
}

/** A day stands for its beginning. */
function from(text: string | undefined): number {
  return text === undefined ? -Infinity : utc(text);
}

/** A day stands for its end. */
function to(text: string | undefined): number {
  if (text === undefined) return Infinity;
  return /^\d{4}-\d\d-\d\d$/.test(text) ? utc(text) + DAY_MS - 1 : utc(text);
}

function utc(text: string): number {
  return Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) || text.endsWith('Z') ? text : `${text}Z`);
}

function whole(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;
}

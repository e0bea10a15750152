import { z } from 'zod';
import { OperationalError } from '../../domain/errors.js';

/** Every value of ODE is a string; an empty one tells nothing. */
const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => {
    const trimmed = value === null || value === undefined ? '' : String(value).trim();
    return trimmed === '' ? undefined : trimmed;
  });

const results = z.object({
  Status: text,
  Error: text,
  Count: text,
  Products: z.unknown().optional(),
  IIPTSets: z.unknown().optional(),
  QuerySummary: z.record(z.string(), z.unknown()).nullish(),
});

const envelope = z.object({ ODEResults: results });

export type OdeResults = z.infer<typeof results>;

const NOTHING = /no products found/i;

/**
 * Reads an answer's text. ODE cuts long answers in the middle, with status 200: null when it is not whole JSON.
 * @throws OperationalError when it is JSON of something else, or ODE says what was wrong with the request
 */
export function parseAnswer(body: string, url: string): OdeResults | null {
  let json: unknown;
  try {
    json = JSON.parse(body.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success)
    throw new OperationalError(
      'ode_answer',
      `${url} did not answer as ODE does (no ODEResults); check archive.ode.`,
    );
  const answer = parsed.data.ODEResults;
  if (answer.Status?.toLowerCase() === 'success' || NOTHING.test(answer.Error ?? '')) return answer;
  const why = (answer.Error ?? `its status is ${answer.Status ?? 'missing'}`).replace(/[\s.]+$/, '');
  throw new OperationalError(
    'ode_error',
    `ODE refused ${url}: ${why}; check archive.ode and archive.dataset.`,
  );
}

/** Products of an answer: one alone is no list, and none is a sentence. */
export function productsOf({ Products }: OdeResults): readonly unknown[] {
  return typeof Products === 'object' && Products !== null
    ? listOf((Products as { Product?: unknown }).Product)
    : [];
}

/** Count of an answer; null where it tells none. */
export function countOf({ Count, Products, Error }: OdeResults): number | null {
  if (Count !== undefined && /^\d{1,15}$/.test(Count)) return Number(Count);
  const told = typeof Products === 'string' ? Products : (Error ?? '');
  return NOTHING.test(told) ? 0 : null;
}

/** What `query=iipt` tells of a set of products: instrument host, instrument, product type. */
export interface OdeSet {
  /** Of all targets, sky and Earth among them: tells changes, not how many products of the Moon there are. */
  readonly products: number;
  /** Time of the newest observation as ODE writes it; null where it does not tell. */
  readonly newest: string | null;
}

const iiptSet = z.object({
  IHID: text,
  IID: text,
  PT: text,
  NumberProducts: text,
  MaxObservationTime: text,
});

/** The set of a product type; it stands there once for each data set id, with the same numbers. */
export function setOf({ IIPTSets }: OdeResults, pt: string): OdeSet | null {
  const sets =
    typeof IIPTSets === 'object' && IIPTSets !== null
      ? listOf((IIPTSets as { IIPTSet?: unknown }).IIPTSet)
      : [];
  const mine = sets
    .map((set) => iiptSet.safeParse(set).data)
    .filter((set) => set !== undefined)
    .filter(({ IHID, IID, PT }) => [IHID, IID, PT].join(' ').toUpperCase() === `LRO LROC ${pt}`);
  if (mine.length === 0) return null;
  const times = mine.flatMap(({ MaxObservationTime }) => MaxObservationTime ?? []).sort();
  return {
    products: mine.reduce((most, set) => Math.max(most, countIn(set.NumberProducts)), 0),
    newest: times[times.length - 1] ?? null,
  };
}

/** 0 where it tells no number. */
function countIn(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

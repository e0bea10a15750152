import type {
  CoverageFeature,
  CoverageCollection,
  DetectionCollection,
  DetectionDetail,
  FeatureCollection,
  Mark,
  MarkList,
  ReviewStandingAnswer,
  ReviewStateAnswer,
} from '../http/contract.js';
import type { Verdict } from '../domain/review.js';

/** Degrees; west > east crosses the antimeridian. */
export type Box = readonly [west: number, south: number, east: number, north: number];

/** What the form asks for; empty text and null restrict nothing. */
export interface DetectionFilter {
  readonly product: string;
  readonly minScore: number;
  readonly known: string;
  readonly siteStatus: string;
  readonly review: string;
  readonly reviewer: string;
  readonly since: string;
  readonly until: string;
  readonly minIncidence: string;
  readonly maxIncidence: string;
  /** Null = the whole Moon. */
  readonly bbox: Box | null;
}

export type Order = 'score' | 'learned';

export interface WorkStatus {
  readonly lanes: Readonly<Record<'live' | 'backfill', Readonly<Record<string, number>>>>;
  readonly secondsPerScan: number | null;
}

/** An answer other than 200, with what the server says. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const PAGE_SIZE = 200;

type Query = Readonly<Record<string, string | number | undefined>>;

async function ask<T>(path: string, query: Query = {}, init: RequestInit = {}): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const answer = await fetch(search === '' ? path : `${path}?${search}`, init);
  if (answer.ok) return (await answer.json()) as T;
  const said = (await answer.json().catch(() => ({}))) as { error?: string };
  throw new ApiError(answer.status, said.error ?? `The server answers ${answer.status}.`);
}

export const api = {
  revision: async () => (await ask<{ revision: string }>('/api/revision')).revision,
  status: () => ask<WorkStatus>('/api/status'),
  coverage: async (): Promise<readonly CoverageFeature[]> =>
    (await ask<CoverageCollection>('/api/coverage')).features,
  detection: (id: number) => ask<DetectionDetail>(`/api/detections/${id}`),
  detections: (filter: DetectionFilter, order: Order, cursor: string | null, limit = PAGE_SIZE) =>
    ask<DetectionCollection>('/api/detections', {
      ...parametersOf(filter),
      order: order === 'score' ? undefined : order,
      cursor: cursor ?? undefined,
      limit,
    }),
  marks: async (filter: DetectionFilter, limit = 500): Promise<readonly Mark[]> =>
    (await ask<MarkList>('/api/marks', { ...parametersOf(filter), limit })).marks,
  progress: (filter: DetectionFilter) =>
    ask<ReviewStandingAnswer>('/api/review/progress', {
      ...parametersOf(filter),
      review: undefined,
    }),
  review: (id: number, review: { reviewer: string; verdict: Verdict | null; note: string | null }) =>
    ask<ReviewStateAnswer>(
      `/api/detections/${id}/review`,
      {},
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(review) },
    ),
  withdraw: (id: number, reviewer: string) =>
    ask<ReviewStateAnswer>(`/api/detections/${id}/review`, { reviewer }, { method: 'DELETE' }),
  features: (bbox: Box | null, minDiameterKm: number, limit = 2000) =>
    ask<FeatureCollection>('/api/features', { bbox: boxText(bbox), min_diameter_km: minDiameterKm, limit }),
};

function parametersOf(filter: DetectionFilter): Query {
  return {
    product: filter.product,
    min_score: filter.minScore > 0 ? filter.minScore : undefined,
    known: filter.known,
    site_status: filter.siteStatus,
    review: filter.review,
    reviewer: filter.reviewer,
    since: filter.since,
    until: filter.until,
    min_incidence: filter.minIncidence,
    max_incidence: filter.maxIncidence,
    bbox: boxText(filter.bbox),
  };
}

function boxText(box: Box | null): string | undefined {
  return box?.map((value) => value.toFixed(6)).join(',');
}

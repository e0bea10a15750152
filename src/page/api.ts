import type {
  CoverageFeature,
  CoverageCollection,
  DetectionCollection,
  DetectionDetail,
  FeatureCollection,
} from '../http/contract.js';

/** Degrees; west > east crosses the antimeridian. */
export type Box = readonly [west: number, south: number, east: number, north: number];

export interface DetectionFilter {
  readonly product: string;
  readonly minScore: number;
  readonly known: '' | 'yes' | 'no';
  /** Null = the whole Moon. */
  readonly bbox: Box | null;
}

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

async function ask<T>(
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  const answer = await fetch(search === '' ? path : `${path}?${search}`);
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
  detections: (filter: DetectionFilter, cursor: string | null, limit = PAGE_SIZE) =>
    ask<DetectionCollection>('/api/detections', {
      product: filter.product,
      min_score: filter.minScore > 0 ? filter.minScore : undefined,
      known: filter.known,
      bbox: boxText(filter.bbox),
      cursor: cursor ?? undefined,
      limit,
    }),
  features: (bbox: Box | null, minDiameterKm: number, limit = 2000) =>
    ask<FeatureCollection>('/api/features', { bbox: boxText(bbox), min_diameter_km: minDiameterKm, limit }),
};

function boxText(box: Box | null): string | undefined {
  return box?.map((value) => value.toFixed(6)).join(',');
}

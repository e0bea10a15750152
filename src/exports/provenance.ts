import { CREDIT } from '../domain/credit.js';
import { MOON_RADIUS_M } from '../domain/geometry.js';

export { CREDIT };

/** Where an export comes from. */
export interface Provenance {
  /** Whose results: name@hash; null where several models gave them. */
  readonly modelId: string | null;
  /** Version of the program that wrote it. */
  readonly codeVersion: string;
  readonly createdAt: Date;
  /** The filters as they were given, by the names of their options; empty where everything was asked for. */
  readonly filters: Readonly<Record<string, unknown>>;
}

/** The same under the names that all formats write. */
export interface About {
  readonly body: 'Moon';
  readonly reference_system: 'IAU_2015:30100';
  readonly radius_m: number;
  readonly coordinates: string;
  readonly credits: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly model_id: string | null;
  readonly filters: Readonly<Record<string, unknown>>;
}

export function aboutOf({ modelId, codeVersion, createdAt, filters }: Provenance): About {
  return {
    body: 'Moon',
    reference_system: 'IAU_2015:30100',
    radius_m: MOON_RADIUS_M,
    coordinates: 'planetocentric longitude (east, -180..180) and latitude, degrees',
    credits: `Images: ${CREDIT}`,
    created_at: createdAt.toISOString(),
    created_by: `selenoscan ${codeVersion}`,
    model_id: modelId,
    filters,
  };
}

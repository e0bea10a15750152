import type { MultiPolygon } from './geometry.js';
import type { LonLatBox } from './results.js';

/** Which results an export takes. What is left out does not restrict. */
export interface ExportFilter {
  readonly minScore?: number | undefined;
  readonly maxScore?: number | undefined;
  /** Bounds of the image's start time: from `since`, before `until`. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly bbox?: LonLatBox | undefined;
  /** Split at the antimeridian, valid. */
  readonly within?: MultiPolygon | undefined;
  /** Bounds of the Sun's angle from the zenith at the image's centre, degrees, both included. */
  readonly minIncidence?: number | undefined;
  readonly maxIncidence?: number | undefined;
  /** A verdict, `any` for reviewed ones, `none` for those that nobody reviewed. */
  readonly review?: string | undefined;
  /** Whether a known human-made object lies there. */
  readonly known?: boolean | undefined;
  readonly imageId?: string | undefined;
  /** So many detections with the highest scores, equal scores by id. */
  readonly limit?: number | undefined;
}

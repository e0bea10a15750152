import type { LonLatBox } from './results.js';

/** Which products a person wants; null and empty leave a bound out. */
export interface Selection {
  /** Bounds of the image's start time: from `from`, before `until`. */
  readonly from: Date | null;
  readonly until: Date | null;
  /** Volume ids. */
  readonly volumes: readonly string[];
  readonly box: LonLatBox | null;
  /** Degrees of incidence. */
  readonly minIncidenceDeg: number | null;
  readonly maxIncidenceDeg: number | null;
  /** Metres per pixel. */
  readonly maxResolutionM: number | null;
}

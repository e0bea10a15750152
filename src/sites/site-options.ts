import type { LikeLight } from './light.js';

/** What makes a site, by numbers; docs/sites.md says why these. */
export interface SiteOptions {
  /** Two detections may be one place within so many combined 95 % radii. */
  readonly radius: number;
  /** They are joined only where fewer false partners than this are expected within that distance. */
  readonly chance: number;
  /** Images are registered with one another whose Suns are at most so far apart, degrees. */
  readonly registerLightDeg: number;
  readonly likeLight: LikeLight;
  /** A look saw nothing where it scored this much below the site's sightings: 2 = a hundred times as probable. */
  readonly scoreMargin: number;
  /** One look alone shows a change from this score on: 6 = one plain tile in a million. */
  readonly changeScore: number;
  /** Share of the looks under like light, from the first sighting on, that must show a persistent site. */
  readonly persistence: number;
}

export const SITE_OPTIONS: SiteOptions = {
  radius: 1.2,
  chance: 0.01,
  registerLightDeg: 45,
  likeLight: { incidenceDeg: 60, incidenceDifferenceDeg: 15, azimuthDifferenceDeg: 15 },
  scoreMargin: 2,
  changeScore: 6,
  persistence: 0.5,
};

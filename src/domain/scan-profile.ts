/**
 * What a calibration learns from one image, in some kilobytes: how its tiles scored, and what the pixels were
 * like that the model saw. Kept with every scan, so that nothing needs to be scanned again to learn anew.
 */
export interface ScanProfile {
  /** Named score that `scores` are of. */
  readonly score: string;
  /** Angle of the Sun from the zenith, degrees; null where it is unknown. */
  readonly incidenceDeg: number | null;
  /** Median of the tiles' `mad`. */
  readonly contrast: number;
  /** Tiles that `scores` and `contrasts` count: the sampled ones, which are all of a small image. */
  readonly tiles: number;
  /** Tiles by raw score, on the axis of the score. */
  readonly scores: Histogram;
  /** Pixels by grey level in 32 bins of 8; every 8th line and column, without the level 0. */
  readonly brightness: Histogram;
  /** Tiles by the natural logarithm of their `mad`. */
  readonly contrasts: Histogram;
}

/** Counts in bins of one width; bins before and after are empty. */
export interface Histogram {
  /** Index of the first bin that is not empty. */
  readonly first: number;
  readonly counts: readonly number[];
}

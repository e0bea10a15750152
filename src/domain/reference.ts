import type { LonLat } from './geometry.js';

/** A named feature of the Moon (IAU/USGS gazetteer). */
export interface Feature extends LonLat {
  /** The IAU's number. */
  readonly id: number;
  readonly name: string;
  /** e.g. `crater`, `mare`, `satellite feature`, `landing site name`. */
  readonly type: string;
  /** Null where the gazetteer states none. */
  readonly diameterKm: number | null;
}

/** A human-made object on the Moon whose place is known. */
export interface KnownObject extends LonLat {
  readonly name: string;
  /** Mission that brought it. */
  readonly mission?: string;
  /** e.g. `lander`, `rover`, `stage impact`. */
  readonly kind: string;
  /** Radius that holds it 95 times of 100. */
  readonly uncertaintyM: number;
  /** Day on which it reached the ground, UTC: `2013-12-14`. */
  readonly arrivedOn?: string;
  /** Where the place was published. */
  readonly source: string;
}

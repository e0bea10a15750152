import type { MapCrs } from './crs.js';

/** A rectangle in the degrees or metres of a map. */
export interface Extent {
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

/** What a project opens on. QGIS has one coordinate system per project, so that each of these is a project. */
export interface ProjectView {
  readonly title: string;
  /** Title beside a map of more. */
  readonly short: string;
  readonly srid: MapCrs;
  readonly extent: Extent;
}

const RADIUS_M = 1_737_400;
const HALF_TURN_M = Math.PI * RADIUS_M;

/** The map down to this distance from a pole. */
const POLAR_CAP_DEG = 30;
const CAP_M = 2 * RADIUS_M * Math.tan((POLAR_CAP_DEG * Math.PI) / 360);

const MOON: Extent = { xmin: -180, ymin: -90, xmax: 180, ymax: 90 };
/** QGIS guesses from a few points which degrees a map shows, and right where that is half the Moon. */
const FAR_SIDE: Extent = { xmin: 90, ymin: -45, xmax: 270, ymax: 45 };
const MOON_M: Extent = {
  xmin: -HALF_TURN_M,
  ymin: -HALF_TURN_M / 2,
  xmax: HALF_TURN_M,
  ymax: HALF_TURN_M / 2,
};
const CAP: Extent = { xmin: -CAP_M, ymin: -CAP_M, xmax: CAP_M, ymax: CAP_M };

export const PROJECT_VIEWS = {
  global: { title: 'Selenoscan', short: 'The Moon', srid: 30100, extent: MOON },
  far: { title: 'Selenoscan far side', short: 'Far side', srid: 'east360', extent: FAR_SIDE },
  north: { title: 'Selenoscan north pole', short: 'North pole', srid: 30130, extent: CAP },
  south: { title: 'Selenoscan south pole', short: 'South pole', srid: 30135, extent: CAP },
  equirectangular: {
    title: 'Selenoscan equirectangular',
    short: 'The Moon in metres',
    srid: 30110,
    extent: MOON_M,
  },
} as const satisfies Record<string, ProjectView>;

export type ProjectViewName = keyof typeof PROJECT_VIEWS;

export const PROJECT_VIEW_NAMES = Object.keys(PROJECT_VIEWS) as [ProjectViewName, ...ProjectViewName[]];

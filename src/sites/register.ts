import type { PixelPoint } from '../domain/geometry.js';
import type { ScanOverview } from '../domain/overview.js';
import type { MutualOffset } from '../domain/site.js';
import { localProjection } from '../geo/local-projection.js';
import { DEGREE, meanDirection } from '../geo/sphere.js';
import { contrastMap, type PlaneGrid } from './contrast-map.js';
import { imageMap, type ImageMap } from './image-map.js';
import { agreeing } from './agreeing.js';
import { matchWindows, type Match } from './tie-points.js';
import { cellCentre, footprintCells } from './ground-cells.js';

/** One place on the ground in both images. */
export interface TiePoint {
  readonly a: PixelPoint;
  readonly b: PixelPoint;
}

/** How two overlapping images lie to one another, and the places that say so. */
export interface Registration extends MutualOffset {
  readonly ties: readonly TiePoint[];
}

export interface RegistrationLimits {
  readonly leastCorrelation: number;
  readonly mostSecond: number;
  /** Tie points that must agree. */
  readonly leastTies: number;
  /** Share of the matches that must agree. */
  readonly leastAgreement: number;
}

/**
 * Least correlation and second peak were set on rendered pairs (docs/sites.md): under like light true windows
 * correlate at 0.6 to 0.95, the best of a wrong neighbourhood at 0.2 to 0.4.
 */
export const REGISTRATION: RegistrationLimits = {
  leastCorrelation: 0.45,
  mostSecond: 0.85,
  leastTies: 5,
  leastAgreement: 0.5,
};

/** Grid points to the largest shift that is looked for: more cost, fewer are no finer than what is looked for. */
const REACH = 12;
/** Largest shift, in combined 95 % radii: nearly all true ones lie within. */
const REACH_RADII = 1.4;
/**
 * What craters seem to move by as the Sun goes round, grid points for Suns at right angles: rendered pairs were off by
 * 0.1 below 20 degrees and 0.6 at 45.
 */
const SHADING = 0.8;
/** Agreement is asked for to so many grid points. */
const TOLERANCE = 1.2;
const NOTHING: Registration = {
  accepted: false,
  offsetEastM: 0,
  offsetNorthM: 0,
  residualM: 0,
  shadingM: 0,
  correlation: 0,
  second: 0,
  agreement: 0,
  overlapKm2: 0,
  ties: [],
};

/**
 * Measures how two images of the same ground lie to one another, by windows of one that are found again in the
 * other: both are brought into one projection, freed of what light and stretch do to grey levels, and correlated.
 *
 * @param sunsApartDeg angle between their Suns as seen from the ground
 */
export function register(
  a: ScanOverview,
  b: ScanOverview,
  sunsApartDeg: number,
  limits: RegistrationLimits = REGISTRATION,
): Registration {
  if (a.grey === null || b.grey === null) return NOTHING;
  const here = new Set(footprintCells(a.lattice));
  const shared = footprintCells(b.lattice).filter((cell) => here.has(cell));
  if (shared.length === 0) return NOTHING;
  const projection = localProjection(meanDirection(shared.map(cellCentre)));
  const [mapA, mapB] = [imageMap(a, projection), imageMap(b, projection)];
  const radius = Math.hypot(Math.max(...a.cornersUncertaintyM), Math.max(...b.cornersUncertaintyM));
  const reachM = REACH_RADII * radius;
  const step = Math.max(mapA.pixelM * a.cell, mapB.pixelM * b.cell, reachM / REACH);
  const grid = sharedGrid([a, b], [mapA, mapB], step, reachM);
  if (grid === null) return NOTHING;
  const [contrastA, contrastB] = [contrastMap(a, mapA, grid), contrastMap(b, mapB, grid)];
  let both = 0;
  contrastA.valid.forEach((seen, i) => (both += seen & contrastB.valid[i]!));
  const overlapKm2 = (both * step * step) / 1e6;
  const matches = matchWindows(contrastA, contrastB, grid, {
    reach: Math.max(2, Math.ceil(reachM / step)),
    leastCorrelation: limits.leastCorrelation,
    mostSecond: limits.mostSecond,
  });
  const { kept, residualM, offset } = agreeing(matches, TOLERANCE * step);
  const agreement = matches.length === 0 ? 0 : kept.length / matches.length;
  return {
    accepted: kept.length >= limits.leastTies && agreement >= limits.leastAgreement,
    offsetEastM: offset.x,
    offsetNorthM: offset.y,
    residualM,
    shadingM: SHADING * step * Math.sin(Math.min(90, sunsApartDeg) * DEGREE),
    correlation: median(kept.map(({ correlation }) => correlation)),
    second: median(kept.map(({ second }) => second)),
    agreement,
    overlapKm2,
    ties: kept.map((match) => tieOf(match, mapA, mapB)),
  };
}

function tieOf({ at, shift }: Match, mapA: ImageMap, mapB: ImageMap): TiePoint {
  return { a: mapA.pixelAt(at), b: mapB.pixelAt({ x: at.x + shift.x, y: at.y + shift.y }) };
}

/** The grid over what both images may have, null where that is too small to hold a window. */
function sharedGrid(
  images: readonly ScanOverview[],
  maps: readonly ImageMap[],
  step: number,
  marginM: number,
): PlaneGrid | null {
  const boxes = images.map(({ samples, lines, lattice }, i) => {
    const points = Array.from({ length: lattice.columns * lattice.rows }, (_, node) =>
      maps[i]!.at({
        sample: 0.5 + ((node % lattice.columns) / (lattice.columns - 1)) * (samples - 1),
        line: 0.5 + (Math.floor(node / lattice.columns) / (lattice.rows - 1)) * (lines - 1),
      }),
    );
    const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
  });
  const west = Math.max(...boxes.map((box) => box[0])) - marginM;
  const south = Math.max(...boxes.map((box) => box[1])) - marginM;
  const east = Math.min(...boxes.map((box) => box[2])) + marginM;
  const north = Math.min(...boxes.map((box) => box[3])) + marginM;
  const columns = Math.floor((east - west) / step) + 1;
  const rows = Math.floor((north - south) / step) + 1;
  return columns > 0 && rows > 0 ? { x: west, y: south, step, columns, rows } : null;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[sorted.length >> 1]!;
}

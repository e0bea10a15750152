import { OLDEST } from './crater-profile.js';
import type { Region } from './lattice.js';
import { RandomStream } from './random.js';
import type { TerrainCharacter } from './terrain.js';

/** One crater of a scene. Position in pixels, lengths in mean pixels. */
export interface Crater {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Depth from rim to floor when it was fresh. */
  readonly depth: number;
  /** Diffusion time kappa t / R^2, 0 = fresh. */
  readonly age: number;
  /** Direction of the long axis and ratio of the axes; real rims are not quite round. */
  readonly axisX: number;
  readonly axisY: number;
  readonly ratio: number;
  /** Strength of a three-lobed departure from the ellipse. */
  readonly lobes: number;
  /** Relative brightness of the ejecta around a fresh crater; 0 = none. */
  readonly halo: number;
  /** Seeds what hangs on this crater: rays, boulders. */
  readonly seed: number;
}

/** Smallest crater that is planted, diameter. */
export const SMALLEST_CRATER = 2;
/** Craters younger than this are fresh: sharp, with bright ejecta and boulders. */
export const FRESH_AGE = 0.012;

/** Even a fresh rim is not a knife's edge. */
const YOUNGEST = 0.0015;
/** Share of the fresh craters of diameter 12 and more that have bright ejecta; small ones only dig mature soil. */
const HALOED = 0.12;

const CLUSTER_CELL = 1500;
/** No part of a cluster lies farther from its centre. */
const CLUSTER_REACH = 600;
const LARGEST_SECONDARY = 28;

/**
 * Visits every crater of diameter `smallest` or more whose centre lies within `reach` of its radii of the
 * region, and some beyond or smaller. The order is that of size classes and cells, the same for every region, so that sums over
 * craters are bit-equal wherever two regions overlap.
 */
export function forEachCrater(
  seed: number,
  terrain: TerrainCharacter,
  region: Region,
  reach: number,
  smallest: number,
  visit: (crater: Crater) => void,
): void {
  const slope = terrain.craterSlope;
  for (let low = SMALLEST_CRATER; low < terrain.largestCrater; low *= 2) {
    const high = Math.min(low * 2, terrain.largestCrater);
    if (high <= smallest) continue;
    const perArea = terrain.craterDensity * (low ** -slope - high ** -slope);
    forEachCell(region, 16 * low, (reach * high) / 2, (column, row, cell) => {
      const random = new RandomStream(seed, low, column, row);
      for (let n = random.poisson(perArea * cell * cell); n > 0; n--) {
        const x = (column + random.next()) * cell;
        const y = (row + random.next()) * cell;
        visit(craterAt(random, terrain, x, y, random.powerLaw(low, high, slope)));
      }
    });
  }
  if (LARGEST_SECONDARY <= smallest) return;
  forEachCell(region, CLUSTER_CELL, CLUSTER_REACH + (reach * LARGEST_SECONDARY) / 2, (column, row, cell) => {
    const random = new RandomStream(seed, 1, column, row);
    if (random.chance(terrain.clusters)) plantCluster(random, terrain, column * cell, row * cell, visit);
  });
}

/** Secondary craters of one impact: many of like size, strewn along a line. */
function plantCluster(
  random: RandomStream,
  terrain: TerrainCharacter,
  left: number,
  top: number,
  visit: (crater: Crater) => void,
): void {
  const x = left + random.next() * CLUSTER_CELL;
  const y = top + random.next() * CLUSTER_CELL;
  const direction = random.between(0, Math.PI);
  const along = random.between(60, 180);
  const across = along * random.between(0.15, 0.6);
  const smallest = random.between(4, 7);
  const age = OLDEST * random.between(0.05, 0.5);
  for (let n = random.integer(15, 60); n > 0; n--) {
    const u = along * random.normal();
    const v = across * random.normal();
    const cx = x + u * Math.cos(direction) - v * Math.sin(direction);
    const cy = y + u * Math.sin(direction) + v * Math.cos(direction);
    const crater = craterAt(random, terrain, cx, cy, random.powerLaw(smallest, LARGEST_SECONDARY, 3));
    const near = Math.abs(cx - x) < CLUSTER_REACH && Math.abs(cy - y) < CLUSTER_REACH;
    if (near) visit({ ...crater, age, halo: 0, depth: crater.depth * 0.7 });
  }
}

function craterAt(
  random: RandomStream,
  terrain: TerrainCharacter,
  x: number,
  y: number,
  diameter: number,
): Crater {
  const [shallow, deep] = terrain.freshDepth;
  const [small, large] = terrain.agePower;
  const power = small + (large - small) * Math.min(1, Math.max(0, Math.log2(diameter / 4) / 4));
  const age = Math.max(YOUNGEST, OLDEST * random.next() ** power);
  const axis = random.between(0, Math.PI);
  const haloed = HALOED * Math.min(1, (diameter / 12) ** 2);
  const youth = Math.max(0, 1 - age / FRESH_AGE);
  return {
    x,
    y,
    radius: diameter / 2,
    depth: diameter * random.between(shallow, deep),
    age,
    axisX: Math.cos(axis),
    axisY: Math.sin(axis),
    ratio: random.between(1, 1.18),
    lobes: random.between(-0.12, 0.12),
    halo: random.chance(haloed) ? random.between(0.06, 0.45) * youth : 0,
    seed: random.bits(),
  };
}

/** Visits, row by row, the cells of a grid that come within `margin` of the region. */
export function forEachCell(
  region: Region,
  cell: number,
  margin: number,
  visit: (column: number, row: number, cell: number) => void,
): void {
  const lastColumn = Math.floor((region.x + region.width + margin) / cell);
  const lastRow = Math.floor((region.y + region.height + margin) / cell);
  for (let row = Math.floor((region.y - margin) / cell); row <= lastRow; row++) {
    for (let column = Math.floor((region.x - margin) / cell); column <= lastColumn; column++) {
      visit(column, row, cell);
    }
  }
}

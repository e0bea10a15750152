import { FRESH_AGE, forEachCell, forEachCrater } from './craters.js';
import type { Lattice, Region } from './lattice.js';
import type { Light } from './light.js';
import { RandomStream } from './random.js';
import type { TerrainCharacter } from './terrain.js';

/** A rock on the ground. Position in pixels, lengths in mean pixels. */
export interface Boulder {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly height: number;
  readonly axisX: number;
  readonly axisY: number;
  /** Long axis over short axis. */
  readonly ratio: number;
  /** Brightness relative to the ground minus 1. */
  readonly albedo: number;
}

const LOOSE_CELL = 256;
const FIELD_CELL = 900;
const FIELD_REACH = 500;
/** Boulders lie within this many radii of the crater that threw them. */
const THROW = 3;
const SMALLEST_SOURCE = 24;
export const LARGEST_BOULDER = 11;

/** Visits every boulder that may touch the region, in an order that no region changes. */
export function forEachBoulder(
  seed: number,
  terrain: TerrainCharacter,
  region: Region,
  visit: (boulder: Boulder) => void,
): void {
  forEachCell(region, LOOSE_CELL, LARGEST_BOULDER, (column, row, cell) => {
    const random = new RandomStream(seed, 2, column, row);
    for (let n = random.poisson(terrain.looseBoulders * cell * cell); n > 0; n--) {
      visit(boulderAt(random, (column + random.next()) * cell, (row + random.next()) * cell));
    }
  });
  forEachCell(region, FIELD_CELL, FIELD_REACH + LARGEST_BOULDER, (column, row, cell) => {
    const random = new RandomStream(seed, 3, column, row);
    if (!random.chance(terrain.boulderFields)) return;
    const x = (column + random.next()) * cell;
    const y = (row + random.next()) * cell;
    const spread = random.between(40, FIELD_REACH / 3);
    for (let n = random.integer(20, 220); n > 0; n--) {
      visit(boulderAt(random, x + spread * random.normal(), y + spread * random.normal()));
    }
  });
  forEachCrater(seed, terrain, region, THROW, SMALLEST_SOURCE, (crater) => {
    if (crater.age > FRESH_AGE || crater.radius < SMALLEST_SOURCE / 2) return;
    const random = new RandomStream(crater.seed, 2);
    const mean = (terrain.craterBoulders * crater.radius) / 50;
    for (let n = random.poisson(mean * random.next() * 2); n > 0; n--) {
      const angle = random.between(0, 2 * Math.PI);
      const distance = crater.radius * Math.min(THROW * 0.8, 0.4 + Math.abs(random.normal()) * 0.8);
      visit(boulderAt(random, crater.x + distance * Math.cos(angle), crater.y + distance * Math.sin(angle)));
    }
  });
}

function boulderAt(random: RandomStream, x: number, y: number): Boulder {
  const diameter = random.powerLaw(1.4, LARGEST_BOULDER, 3);
  const axis = random.between(0, Math.PI);
  return {
    x,
    y,
    radius: diameter / 2,
    height: diameter * random.between(0.3, 0.6),
    axisX: Math.cos(axis),
    axisY: Math.sin(axis),
    ratio: random.between(1, 1.6),
    albedo: random.between(0, 0.45),
  };
}

/** Adds a boulder to the heights at pixel corners and to the albedo at pixel centres. */
export function addBoulder(heights: Lattice, albedo: Lattice, boulder: Boulder, light: Light): void {
  stamp(heights, boulder, 0, light, boulder.height, true);
  stamp(albedo, boulder, 0.5, light, boulder.albedo, false);
}

function stamp(
  target: Lattice,
  boulder: Boulder,
  centre: number,
  light: Light,
  amount: number,
  dome: boolean,
): void {
  const x = boulder.x - centre - target.x;
  const y = boulder.y - centre - target.y;
  const left = Math.max(0, Math.ceil(x - boulder.radius / light.sideX));
  const right = Math.min(target.width - 1, Math.floor(x + boulder.radius / light.sideX));
  const top = Math.max(0, Math.ceil(y - boulder.radius / light.sideY));
  const bottom = Math.min(target.height - 1, Math.floor(y + boulder.radius / light.sideY));
  for (let j = top; j <= bottom; j++) {
    for (let i = left; i <= right; i++) {
      const dx = (i - x) * light.sideX;
      const dy = (j - y) * light.sideY;
      const u = (dx * boulder.axisX + dy * boulder.axisY) / boulder.radius;
      const v = ((dy * boulder.axisX - dx * boulder.axisY) * boulder.ratio) / boulder.radius;
      const square = u * u + v * v;
      if (square >= 1) continue;
      const k = j * target.width + i;
      target.data[k] = target.data[k]! + amount * (dome ? Math.sqrt(1 - square * square) : 1);
    }
  }
}

import type { PixelVector } from '../../domain/geometry.js';
import type { Random } from '../../domain/random.js';
import { BODIES, CELLS, TRACK_CELLS } from '../../model/hardware-net.js';
import { TILE_SIZE } from '../../model/architecture.js';
import { cutPatch, octantOf, type Terrain } from './terrain-patch.js';
import { drawHardware, drawNatural, findPlace, type Hardware, type Natural } from './things.js';

/** Pixels along the border in which no hardware's middle is: there a neighbouring tile sees it whole. */
const BORDER = 8;
const WITH_HARDWARE = 0.5;
const WITH_NATURAL = 0.35;
/** Standard deviation of the Sun's direction as it is told, radians. */
const SUN_ERROR = 0.08;
const HARDWARE_SHARES: readonly [Hardware, number][] = [
  ['lander', 0.5],
  ['rover', 0.18],
  ['debris', 0.14],
  ['tracks', 0.18],
];
const NATURAL_KINDS: readonly Natural[] = ['boulder', 'boulder', 'crater', 'crater', 'mound', 'glint'];

/** What the cells of tiles hold. */
export interface Targets {
  /** Cells along a tile's side, and what each may hold. */
  readonly cells: number;
  readonly heads: number;
  /** [count, cells, cells, heads]: 1 = there. */
  readonly there: Float32Array;
  /** The same shape: 0 where a cell is next to one that holds something, and may say either. */
  readonly weights: Float32Array;
  /** [count, heads]: 1 = somewhere in the tile. */
  readonly present: Float32Array;
  /** [count, heads]: 0 where the tile holds what this head may take for its own. */
  readonly presentWeights: Float32Array;
}

/** Tiles with what is in their cells. */
export interface Examples {
  readonly count: number;
  /** [count, 64, 64], 0..1, or more of each where a margin was asked for. */
  readonly tiles: Float32Array;
  /** [count], where the direction away from the Sun lies in the octant, -1..1. */
  readonly octants: Float32Array;
  readonly bodies: Targets;
  readonly tracks: Targets;
}

/**
 * Makes tiles of which half hold a thing made by people, and some of either half natural ones.
 * @param margin pixels around each tile that `tiles` holds, too; its cells are of the tile alone
 */
export function makeExamples(
  terrains: readonly Terrain[],
  count: number,
  random: Random,
  margin = 0,
): Examples {
  const side = TILE_SIZE + 2 * margin;
  const area = side * side;
  const examples: Examples = {
    count,
    tiles: new Float32Array(count * area),
    octants: new Float32Array(count),
    bodies: noTargets(count, CELLS, BODIES.length),
    tracks: noTargets(count, TRACK_CELLS, 1),
  };
  for (let i = 0; i < count; i++) {
    const patch = cutPatch(terrains[random.integer(terrains.length)]!, random, side);
    if (random.uniform() < WITH_NATURAL) {
      const kind = NATURAL_KINDS[random.integer(NATURAL_KINDS.length)]!;
      drawNatural(kind, patch, findPlace(patch, margin + 2, random), random);
    }
    if (random.uniform() < WITH_HARDWARE) {
      const kind = drawn(HARDWARE_SHARES, random);
      const points = drawHardware(kind, patch, findPlace(patch, margin + BORDER, random), random).flatMap(
        (point) => inTile(point, margin),
      );
      if (kind === 'tracks') mark(examples.tracks, i, 0, points);
      else {
        // A small lander and a large rover are one: neither head is told to pass over the other's.
        const own = kind === 'lander' ? 0 : 1;
        mark(examples.bodies, i, own, points);
        ignore(examples.bodies, i, 1 - own, points);
      }
    }
    examples.octants[i] = octantOf(patch) + (SUN_ERROR * random.normal() * 8) / Math.PI;
    const tile = examples.tiles.subarray(i * area, (i + 1) * area);
    for (let k = 0; k < area; k++) tile[k] = Math.round(Math.min(Math.max(patch.pixels[k]!, 0), 255)) / 255;
  }
  return examples;
}

/** A point of a patch in its tile, or nothing where it lies in the margin. */
function inTile({ x, y }: PixelVector, margin: number): PixelVector[] {
  const point = { x: x - margin, y: y - margin };
  const lies = point.x >= 0 && point.y >= 0 && point.x < TILE_SIZE && point.y < TILE_SIZE;
  return lies ? [point] : [];
}

function noTargets(count: number, cells: number, heads: number): Targets {
  const length = count * cells * cells * heads;
  return {
    cells,
    heads,
    there: new Float32Array(length),
    weights: new Float32Array(length).fill(1),
    present: new Float32Array(count * heads),
    presentWeights: new Float32Array(count * heads).fill(1),
  };
}

function mark(targets: Targets, i: number, head: number, points: readonly PixelVector[]): void {
  const held = cellsOf(targets, i, head, points);
  for (const cell of held.around) targets.weights[cell] = 0;
  for (const cell of held.within) {
    targets.there[cell] = 1;
    targets.weights[cell] = 1;
  }
  targets.present[i * targets.heads + head] = 1;
}

function ignore(targets: Targets, i: number, head: number, points: readonly PixelVector[]): void {
  for (const cell of cellsOf(targets, i, head, points).around) targets.weights[cell] = 0;
  targets.presentWeights[i * targets.heads + head] = 0;
}

/** Cells that hold the points, and these with their neighbours. */
function cellsOf(
  { cells, heads }: Targets,
  i: number,
  head: number,
  points: readonly PixelVector[],
): { within: Set<number>; around: Set<number> } {
  const side = TILE_SIZE / cells;
  const within = new Set<number>();
  const around = new Set<number>();
  for (const point of points) {
    const cellX = Math.floor((point.x + 0.5) / side);
    const cellY = Math.floor((point.y + 0.5) / side);
    for (let y = cellY - 1; y <= cellY + 1; y++) {
      for (let x = cellX - 1; x <= cellX + 1; x++) {
        if (x < 0 || y < 0 || x >= cells || y >= cells) continue;
        const index = ((i * cells + y) * cells + x) * heads + head;
        around.add(index);
        if (x === cellX && y === cellY) within.add(index);
      }
    }
  }
  return { within, around };
}

function drawn<T>(shares: readonly (readonly [T, number])[], random: Random): T {
  let left = random.uniform() * shares.reduce((sum, [, share]) => sum + share, 0);
  for (const [item, share] of shares) {
    left -= share;
    if (left < 0) return item;
  }
  return shares[shares.length - 1]![0];
}

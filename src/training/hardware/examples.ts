import type { PixelVector } from '../../domain/geometry.js';
import type { Random } from '../../domain/random.js';
import { BODIES, CELLS, TRACK_CELLS } from '../../model/hardware-net.js';
import { TILE_SIZE } from '../../model/vae.js';
import { cutPatch, octantOf, type Terrain } from './terrain-patch.js';
import { drawHardware, drawNatural, findPlace, type Hardware, type Natural } from './things.js';

const AREA = TILE_SIZE * TILE_SIZE;
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
}

/** Tiles with what is in their cells. */
export interface Examples {
  readonly count: number;
  /** [count, 64, 64], 0..1. */
  readonly tiles: Float32Array;
  /** [count], where the direction away from the Sun lies in the octant, -1..1. */
  readonly octants: Float32Array;
  readonly bodies: Targets;
  readonly tracks: Targets;
}

/** Makes tiles of which half hold a thing made by people, and some of either half natural ones. */
export function makeExamples(terrains: readonly Terrain[], count: number, random: Random): Examples {
  const examples: Examples = {
    count,
    tiles: new Float32Array(count * AREA),
    octants: new Float32Array(count),
    bodies: noTargets(count, CELLS, BODIES.length),
    tracks: noTargets(count, TRACK_CELLS, 1),
  };
  for (let i = 0; i < count; i++) {
    const patch = cutPatch(terrains[random.integer(terrains.length)]!, random);
    if (random.uniform() < WITH_NATURAL) {
      const kind = NATURAL_KINDS[random.integer(NATURAL_KINDS.length)]!;
      drawNatural(kind, patch, findPlace(patch, 2, random), random);
    }
    if (random.uniform() < WITH_HARDWARE) {
      const kind = drawn(HARDWARE_SHARES, random);
      const points = drawHardware(kind, patch, findPlace(patch, BORDER, random), random);
      if (kind === 'tracks') mark(examples.tracks, i, 0, points);
      else mark(examples.bodies, i, kind === 'lander' ? 0 : 1, points);
    }
    examples.octants[i] = octantOf(patch) + (SUN_ERROR * random.normal() * 8) / Math.PI;
    const tile = examples.tiles.subarray(i * AREA, (i + 1) * AREA);
    for (let k = 0; k < AREA; k++) tile[k] = Math.round(Math.min(Math.max(patch.pixels[k]!, 0), 255)) / 255;
  }
  return examples;
}

function noTargets(count: number, cells: number, heads: number): Targets {
  const length = count * cells * cells * heads;
  return {
    cells,
    heads,
    there: new Float32Array(length),
    weights: new Float32Array(length).fill(1),
    present: new Float32Array(count * heads),
  };
}

function mark(targets: Targets, i: number, head: number, points: readonly PixelVector[]): void {
  const { cells, heads, there, weights, present } = targets;
  const side = TILE_SIZE / cells;
  const index = (x: number, y: number): number => ((i * cells + y) * cells + x) * heads + head;
  const inside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < cells && y < cells;
  const at = points.map(({ x, y }) => ({ x: Math.floor((x + 0.5) / side), y: Math.floor((y + 0.5) / side) }));
  for (const { x, y } of at) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) if (inside(x + dx, y + dy)) weights[index(x + dx, y + dy)] = 0;
    }
  }
  for (const { x, y } of at) {
    if (!inside(x, y)) continue;
    there[index(x, y)] = 1;
    weights[index(x, y)] = 1;
  }
  present[i * heads + head] = 1;
}

function drawn<T>(shares: readonly (readonly [T, number])[], random: Random): T {
  let left = random.uniform() * shares.reduce((sum, [, share]) => sum + share, 0);
  for (const [item, share] of shares) {
    left -= share;
    if (left < 0) return item;
  }
  return shares[shares.length - 1]![0];
}

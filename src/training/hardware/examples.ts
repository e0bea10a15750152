import type { PixelVector } from '../../domain/geometry.js';
import type { Random } from '../../domain/random.js';
import { CELLS, HARDWARE_HEADS } from '../../model/hardware-net.js';
import { TILE_SIZE } from '../../model/vae.js';
import { cutPatch, octantOf, type Terrain } from './terrain-patch.js';
import { drawHardware, drawNatural, findPlace, type Hardware, type Natural } from './things.js';

const AREA = TILE_SIZE * TILE_SIZE;
const HEADS = HARDWARE_HEADS.length;
const CELL_SIDE = TILE_SIZE / CELLS;
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

/** Tiles with what is in their cells. */
export interface Examples {
  readonly count: number;
  /** [count, 64, 64], 0..1. */
  readonly tiles: Float32Array;
  /** [count], where the direction away from the Sun lies in the octant, -1..1. */
  readonly octants: Float32Array;
  /** [count, 16, 16, heads]: 1 = there. */
  readonly targets: Float32Array;
  /** The same shape: 0 where a cell is next to one that holds something, and may say either. */
  readonly weights: Float32Array;
  /** [count, heads]: 1 = somewhere in the tile. */
  readonly present: Float32Array;
}

/** Makes tiles of which half hold a thing made by people, and some of either half natural ones. */
export function makeExamples(terrains: readonly Terrain[], count: number, random: Random): Examples {
  const cells = CELLS * CELLS * HEADS;
  const examples: Examples = {
    count,
    tiles: new Float32Array(count * AREA),
    octants: new Float32Array(count),
    targets: new Float32Array(count * cells),
    weights: new Float32Array(count * cells).fill(1),
    present: new Float32Array(count * HEADS),
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
      mark(examples, i, kind === 'tracks' ? 1 : 0, points);
    }
    examples.octants[i] = octantOf(patch) + (SUN_ERROR * random.normal() * 8) / Math.PI;
    const tile = examples.tiles.subarray(i * AREA, (i + 1) * AREA);
    for (let k = 0; k < AREA; k++) tile[k] = Math.round(Math.min(Math.max(patch.pixels[k]!, 0), 255)) / 255;
  }
  return examples;
}

function mark(examples: Examples, i: number, head: number, points: readonly PixelVector[]): void {
  const index = (x: number, y: number): number => ((i * CELLS + y) * CELLS + x) * HEADS + head;
  const at = points.map(({ x, y }) => ({
    x: Math.floor((x + 0.5) / CELL_SIDE),
    y: Math.floor((y + 0.5) / CELL_SIDE),
  }));
  for (const { x, y } of at) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (x + dx >= 0 && y + dy >= 0 && x + dx < CELLS && y + dy < CELLS)
          examples.weights[index(x + dx, y + dy)] = 0;
      }
    }
  }
  for (const { x, y } of at) {
    if (x < 0 || y < 0 || x >= CELLS || y >= CELLS) continue;
    examples.targets[index(x, y)] = 1;
    examples.weights[index(x, y)] = 1;
  }
  examples.present[i * HEADS + head] = 1;
}

function drawn<T>(shares: readonly (readonly [T, number])[], random: Random): T {
  let left = random.uniform() * shares.reduce((sum, [, share]) => sum + share, 0);
  for (const [item, share] of shares) {
    left -= share;
    if (left < 0) return item;
  }
  return shares[shares.length - 1]![0];
}

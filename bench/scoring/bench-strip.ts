import { TILE_SIZE } from '../../src/model/architecture.js';
import { sceneLines, WIDTH } from '../harness/scene.js';

export const STRIDE = 32;
const SAMPLES = 1312;
/** Samples of the scene on the left that are left out. */
const FROM_SAMPLE = 1024;

/** A part of a scene whose tiles at stride 32 end flush with its borders. */
export interface BenchStrip {
  readonly lines: number;
  readonly samples: number;
  readonly pixels: Uint8Array;
  /** Tiles along a line, and all of them. */
  readonly across: number;
  readonly tiles: number;
}

/** @param lines 64 and a multiple of 32 */
export function benchStrip(lines: number): BenchStrip {
  const picture = sceneLines(lines);
  const pixels = new Uint8Array(lines * SAMPLES);
  for (let y = 0; y < lines; y++) {
    const from = y * WIDTH + FROM_SAMPLE;
    pixels.set(picture.subarray(from, from + SAMPLES), y * SAMPLES);
  }
  const across = (SAMPLES - TILE_SIZE) / STRIDE + 1;
  return { lines, samples: SAMPLES, pixels, across, tiles: across * ((lines - TILE_SIZE) / STRIDE + 1) };
}

/** Its tiles one after the other, row by row. */
export function tilesOf({ samples, pixels, across, tiles }: BenchStrip): Uint8Array {
  const out = new Uint8Array(tiles * TILE_SIZE ** 2);
  for (let i = 0; i < tiles; i++) {
    const [x, y] = [(i % across) * STRIDE, Math.floor(i / across) * STRIDE];
    for (let row = 0; row < TILE_SIZE; row++) {
      const from = (y + row) * samples + x;
      out.set(pixels.subarray(from, from + TILE_SIZE), (i * TILE_SIZE + row) * TILE_SIZE);
    }
  }
  return out;
}

/** Microseconds of this process's CPU for a tile, of `repeats` runs of `count` tiles after one that is not counted. */
export function cpuPerTile(count: number, repeats: number, run: () => unknown): () => Promise<number> {
  return async () => {
    await run();
    const started = process.cpuUsage();
    for (let i = 0; i < repeats; i++) await run();
    const { user, system } = process.cpuUsage(started);
    return (user + system) / (repeats * count);
  };
}

/** Runs all ways round by round. @returns what each gave in each round */
export async function inRounds(
  ways: Readonly<Record<string, () => Promise<number>>>,
  rounds: number,
  note: (text: string) => void,
): Promise<Map<string, number[]>> {
  const costs = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) costs.get(name)!.push(await way());
    note(`round ${round + 1} of ${rounds}`);
  }
  return costs;
}

/** Rank correlation, -1..1, of values without ties. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ranks = (values: ArrayLike<number>): number[] => {
    const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
    const rank = new Array<number>(values.length);
    order.forEach((index, place) => (rank[index] = place));
    return rank;
  };
  const [x, y] = [ranks(a), ranks(b)];
  const n = a.length;
  const squares = x.reduce((sum, rank, i) => sum + (rank - y[i]!) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}

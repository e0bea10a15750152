import { createRandom, type Random } from '../../domain/random.js';
import { TILE_SIZE } from '../../model/architecture.js';
import { makeExamples } from '../hardware/examples.js';
import type { Terrain } from '../hardware/terrain-patch.js';

const AREA = TILE_SIZE * TILE_SIZE;
/** Of the tiles as they are, a window gives so many. */
const PLAIN_PER_WINDOW = 4;
/** Largest part of a tile that may be lost without masking it. */
const LOST_SHARE = 0.05;

/** Grey tiles with a place in each. */
export interface TileSet {
  readonly count: number;
  /** `count * 64 * 64` DN. */
  readonly pixels: Uint8Array;
  /** `count * 64 * 64` flags, 1 = real data. */
  readonly valid: Uint8Array;
  /** `2 * count`: x and y. */
  readonly peaks: Uint8Array;
}

type Change = (pixels: Uint8Array, random: Random) => Uint8Array;

/** What light and stretch may make of ground, and what no ground looks like. */
const CHANGES: readonly Change[] = [
  (pixels) => pixels.map((level) => level / 4),
  (pixels) => pixels.map((level) => Math.min(255, 2 * level + 30)),
  (pixels) => stretched(pixels, 3),
  (pixels) => stretched(pixels, 0.3),
  (pixels) => pixels.map((level) => 255 - level),
  (pixels, random) => pixels.map((level) => byte(level + 25 * random.normal())),
];

/**
 * Tiles of all that a scan may meet: ground as it is, darker, brighter, harder and softer than it is, with noise and
 * lost pixels, turned and scaled with and without drawn hardware, boulders and craters in it.
 *
 * @param windows to cut from, at least one
 */
export function makeTileSet(windows: readonly Terrain[], seed: number): TileSet {
  const random = createRandom(seed);
  const tiles: Uint8Array[] = [];
  for (const window of windows) {
    for (let n = 0; n < PLAIN_PER_WINDOW; n++) tiles.push(cut(window, random));
    tiles.push(CHANGES[random.integer(CHANGES.length)]!(cut(window, random), random));
  }
  const drawn = makeExamples(windows, 3 * windows.length, random);
  for (let i = 0; i < drawn.count; i++)
    tiles.push(
      Uint8Array.from(drawn.tiles.subarray(i * AREA, (i + 1) * AREA), (level) => Math.round(255 * level)),
    );
  shuffle(tiles, random);

  const count = tiles.length;
  const set = {
    count,
    pixels: new Uint8Array(count * AREA),
    valid: new Uint8Array(count * AREA).fill(1),
    peaks: new Uint8Array(2 * count),
  };
  tiles.forEach((tile, i) => {
    const valid = set.valid.subarray(i * AREA, (i + 1) * AREA);
    if (random.uniform() < 0.1) lose(tile, valid, random);
    set.pixels.set(tile, i * AREA);
    set.peaks.set(random.uniform() < 0.5 ? brightestOf(tile) : anywhere(random), 2 * i);
  });
  return set;
}

/** Every second tile from `first` on. */
export function half(set: TileSet, first: 0 | 1): TileSet {
  const kept = Array.from({ length: set.count }, (_, i) => i).filter((i) => i % 2 === first);
  const part = (values: Uint8Array, each: number): Uint8Array => {
    const taken = new Uint8Array(kept.length * each);
    kept.forEach((from, to) => taken.set(values.subarray(from * each, (from + 1) * each), to * each));
    return taken;
  };
  return {
    count: kept.length,
    pixels: part(set.pixels, AREA),
    valid: part(set.valid, AREA),
    peaks: part(set.peaks, 2),
  };
}

function cut({ width, height, data }: Terrain, random: Random): Uint8Array {
  const left = random.integer(width - TILE_SIZE + 1);
  const top = random.integer(height - TILE_SIZE + 1);
  return Uint8Array.from(
    { length: AREA },
    (_, i) => data[(top + Math.floor(i / TILE_SIZE)) * width + left + (i % TILE_SIZE)]!,
  );
}

function stretched(pixels: Uint8Array, by: number): Uint8Array {
  const mean = pixels.reduce((sum, level) => sum + level, 0) / pixels.length;
  return pixels.map((level) => byte(mean + by * (level - mean)));
}

/** Takes a band of a tile's pixels away and puts its median there, as tiling does. */
function lose(tile: Uint8Array, valid: Uint8Array, random: Random): void {
  const median = Uint8Array.from(tile).sort()[AREA / 2]!;
  const length = 1 + random.integer(Math.floor(LOST_SHARE * AREA));
  const from = random.integer(AREA - length);
  tile.fill(median, from, from + length);
  valid.fill(0, from, from + length);
}

/** The tile's brightest pixel, where bright residuals are largest. */
function brightestOf(tile: Uint8Array): [number, number] {
  let best = 0;
  tile.forEach((level, i) => {
    if (level > tile[best]!) best = i;
  });
  return [best % TILE_SIZE, Math.floor(best / TILE_SIZE)];
}

function anywhere(random: Random): [number, number] {
  return [random.integer(TILE_SIZE), random.integer(TILE_SIZE)];
}

function shuffle(tiles: Uint8Array[], random: Random): void {
  for (let i = tiles.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [tiles[i], tiles[j]] = [tiles[j]!, tiles[i]!];
  }
}

function byte(value: number): number {
  return Math.min(Math.max(Math.round(value), 0), 255);
}

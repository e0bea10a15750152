import { createRandom } from '../../../src/domain/random.js';
import { TILE, type ScoreTable } from '../score-picture.js';
import type { Encoded, Encoder } from './encoder.js';
import { IsolationForest } from './isolation-forest.js';
import { nearestDistance } from './nearest.js';
import { PatchMemory } from './patch-memory.js';
import { pixelStatistics } from './pixels.js';
import { PositionGaussians } from './position-gaussians.js';
import { PrincipalComponents } from './principal-components.js';

/** Scores that others would use, by the names they have in the tables. */
export const BASELINE_NAMES = [
  'random',
  'tile std',
  'max brightness',
  'max - min',
  'DoG max',
  'PCA(64) L2',
  'L2 given std',
  'isolation forest',
  'kNN',
  'PaDiM-like',
  'PatchCore-like',
] as const;
export type BaselineName = (typeof BASELINE_NAMES)[number];

const AREA = TILE * TILE;
/** Tiles that principal components are fitted on. */
const PCA_TILES = 640;
/** Tiles whose features are kept, and how many of their channels or projections. */
const FEATURE_TILES = 1000;
const FEATURE_DIMS = 32;
const NEIGHBOURS = 5;

interface Fitted {
  readonly components: PrincipalComponents;
  readonly forest: IsolationForest;
  readonly codes: readonly Float32Array[];
  readonly gaussians: PositionGaussians;
  readonly memory: PatchMemory;
  /** log l2 = slope * log std + offset, on training tiles. */
  readonly slope: number;
  readonly offset: number;
}

/** Baselines fitted on the training tiles of one fold. */
export class Baselines {
  readonly #encoder: Encoder;
  readonly #fitted: Fitted;
  readonly #random;

  private constructor(encoder: Encoder, fitted: Fitted, seed: number) {
    this.#encoder = encoder;
    this.#fitted = fitted;
    this.#random = createRandom(seed);
  }

  /**
   * @param pixels training tiles one after the other
   * @param l2 the model's reconstruction error of each
   */
  static async fit(encoder: Encoder, pixels: Uint8Array, l2: Float32Array, seed: number): Promise<Baselines> {
    const random = createRandom(seed);
    const count = pixels.length / AREA;
    const codes: Float32Array[] = [];
    const chosen: Float32Array[] = [];
    const patches: Float32Array[] = [];
    const every = Math.max(1, Math.floor(count / FEATURE_TILES));
    await encoder.encode(pixels, (encoded, i) => {
      codes.push(encoded.mu);
      if (i % every !== 0) return;
      chosen.push(someChannels(encoded));
      patches.push(pooledPatches(encoded));
    });
    const step = Math.max(1, Math.floor(count / PCA_TILES));
    const rows = Array.from({ length: Math.floor(count / step) }, (_, i) => floats(pixels, i * step));
    const spread = Array.from({ length: count }, (_, i) => Math.log(stdOf(floats(pixels, i))));
    const { slope, offset } = line(spread, Array.from(l2, Math.log));
    return new Baselines(
      encoder,
      {
        components: new PrincipalComponents(rows),
        forest: new IsolationForest(codes, random),
        codes,
        gaussians: new PositionGaussians(chosen, FEATURE_DIMS),
        memory: new PatchMemory(patches, FEATURE_DIMS, random),
        slope,
        offset,
      },
      seed,
    );
  }

  /**
   * @param pixels tiles one after the other
   * @param l2 the model's reconstruction error of each, NaN where masked: then all are
   */
  async score(pixels: Uint8Array, l2: Float32Array): Promise<ScoreTable> {
    const count = l2.length;
    const table = Object.fromEntries(BASELINE_NAMES.map((name) => [name, new Float32Array(count)])) as Record<
      BaselineName,
      Float32Array
    >;
    const { components, forest, codes, gaussians, memory, slope, offset } = this.#fitted;
    await this.#encoder.encode(pixels, (encoded, i) => {
      const tile = floats(pixels, i);
      const { std, max, range, dog } = pixelStatistics(tile);
      const values: Record<BaselineName, number> = {
        random: this.#random.uniform(),
        'tile std': std,
        'max brightness': max,
        'max - min': range,
        'DoG max': dog,
        'PCA(64) L2': components.error(tile),
        'L2 given std': Math.log(l2[i]!) - slope * Math.log(stdOf(tile)) - offset,
        'isolation forest': forest.score(encoded.mu),
        kNN: nearestDistance(codes, encoded.mu, NEIGHBOURS),
        'PaDiM-like': gaussians.score(someChannels(encoded)),
        'PatchCore-like': memory.score(pooledPatches(encoded)),
      };
      for (const name of BASELINE_NAMES) table[name][i] = Number.isNaN(l2[i]!) ? NaN : values[name];
    });
    return table;
  }

  close(): Promise<void> {
    return this.#encoder.close();
  }
}

function floats(pixels: Uint8Array, tile: number): Float32Array {
  return Float32Array.from(pixels.subarray(tile * AREA, (tile + 1) * AREA), (dn) => dn / 255);
}

function stdOf(tile: Float32Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of tile) {
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(Math.max(squares / AREA - (sum / AREA) ** 2, 1e-8));
}

/** Every position's value in some of the channels, evenly chosen: position by position. */
function someChannels({ features, channels, side }: Encoded): Float32Array {
  const positions = side * side;
  const out = new Float32Array(positions * FEATURE_DIMS);
  for (let d = 0; d < FEATURE_DIMS; d++) {
    const from = Math.floor((d * channels) / FEATURE_DIMS) * positions;
    for (let p = 0; p < positions; p++) out[p * FEATURE_DIMS + d] = features[from + p]!;
  }
  return out;
}

/**
 * Means over 3 x 3 positions, at every second one, of groups of neighbouring channels with alternating signs: a
 * projection to fewer dimensions that is the same for all tiles.
 */
function pooledPatches({ features, channels, side }: Encoded): Float32Array {
  const half = side / 2;
  const group = channels / FEATURE_DIMS;
  const out = new Float32Array(half * half * FEATURE_DIMS);
  for (let channel = 0; channel < channels; channel++) {
    const sign = (channel * 7) % 3 === 0 ? -1 : 1;
    const d = Math.floor(channel / group);
    const from = channel * side * side;
    for (let row = 0; row < half; row++)
      for (let column = 0; column < half; column++) {
        let sum = 0;
        let count = 0;
        for (let y = Math.max(0, 2 * row - 1); y <= Math.min(side - 1, 2 * row + 1); y++)
          for (let x = Math.max(0, 2 * column - 1); x <= Math.min(side - 1, 2 * column + 1); x++, count++)
            sum += features[from + y * side + x]!;
        out[(row * half + column) * FEATURE_DIMS + d]! += (sign * sum) / count;
      }
  }
  return out;
}

/** Least squares. */
function line(x: readonly number[], y: readonly number[]): { slope: number; offset: number } {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let xy = 0;
  let xx = 0;
  x.forEach((value, i) => {
    xy += (value - mx) * (y[i]! - my);
    xx += (value - mx) ** 2;
  });
  const slope = xx === 0 ? 0 : xy / xx;
  return { slope, offset: my - slope * mx };
}

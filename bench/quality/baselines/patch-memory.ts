import type { Random } from '../../../src/domain/random.js';

/** Patches that the core set is chosen from, and its size. */
const CANDIDATES = 12_000;
const CORE = 400;

/**
 * A memory of the patches of training tiles, as in PatchCore (Roth et al. 2022): a core set by greedy choice of the
 * farthest; a tile's score is the largest distance of its patches to the nearest of them.
 */
export class PatchMemory {
  readonly #dims: number;
  readonly #core: Float32Array[];

  /** @param tiles features, position by position, `dims` values each */
  constructor(tiles: readonly Float32Array[], dims: number, random: Random) {
    this.#dims = dims;
    const positions = tiles[0]!.length / dims;
    const patches = Array.from({ length: CANDIDATES }, () => {
      const from = random.integer(positions) * dims;
      return tiles[random.integer(tiles.length)]!.subarray(from, from + dims);
    });
    const distances = new Float64Array(CANDIDATES).fill(Infinity);
    this.#core = [];
    let next = 0;
    for (let n = 0; n < CORE; n++) {
      const chosen = patches[next]!;
      this.#core.push(chosen);
      let farthest = -1;
      patches.forEach((patch, i) => {
        distances[i] = Math.min(distances[i]!, squaredDistance(patch, 0, chosen, Infinity));
        if (distances[i] > farthest) {
          farthest = distances[i]!;
          next = i;
        }
      });
    }
  }

  score(tile: Float32Array): number {
    let most = 0;
    for (let from = 0; from < tile.length; from += this.#dims) {
      let nearest = Infinity;
      for (const patch of this.#core) {
        nearest = Math.min(nearest, squaredDistance(patch, from, tile, nearest));
        if (nearest <= most) break;
      }
      most = Math.max(most, nearest);
    }
    return Math.sqrt(most);
  }
}

/** Between `patch` and the values of `other` that start at `from` (or, with 0, of equal length). */
function squaredDistance(patch: Float32Array, from: number, other: Float32Array, enough: number): number {
  let sum = 0;
  for (let i = 0; i < patch.length && sum < enough; i++) sum += (patch[i]! - other[from + i]!) ** 2;
  return sum;
}

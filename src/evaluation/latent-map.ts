import { setImmediate } from 'node:timers/promises';
import { UMAP } from 'umap-js';
import { createRandom } from '../domain/random.js';

export interface LatentMapOptions {
  readonly seed: number;
  /** Rounds done, of all. */
  readonly onRound?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Neighbours that UMAP keeps together, its authors' default. */
export const NEIGHBOURS = 15;
/** Rounds between two looks at whether to stop. */
const ROUNDS_AT_A_TIME = 10;

/**
 * Lays codes out in the plane by UMAP (McInnes, Healy, Melville 2018), so that codes that are neighbours in
 * latent space are so on the map; distances across the map mean little. The same for the same codes and seed.
 *
 * @param codes `count * latent`, `count` above `NEIGHBOURS`
 * @returns `[u, v]` of each code
 * @throws the signal's reason when it is aborted
 */
export async function latentMap(
  codes: Float32Array,
  count: number,
  { seed, onRound, signal }: LatentMapOptions,
): Promise<[number, number][]> {
  const latent = codes.length / count;
  const rows = Array.from({ length: count }, (_, i) =>
    Array.from(codes.subarray(i * latent, (i + 1) * latent)),
  );
  const random = createRandom(seed);
  const umap = new UMAP({ nComponents: 2, nNeighbors: NEIGHBOURS, random: () => random.uniform() });
  const rounds = umap.initializeFit(rows);
  for (let round = 0; round < rounds; round++) {
    if (round % ROUNDS_AT_A_TIME === 0) {
      await setImmediate();
      signal?.throwIfAborted();
      onRound?.(round, rounds);
    }
    umap.step();
  }
  onRound?.(rounds, rounds);
  return umap.getEmbedding().map(([u, v]) => [u!, v!]);
}

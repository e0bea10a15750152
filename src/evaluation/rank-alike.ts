import { createRandom } from '../domain/random.js';

/** Pairs that tell how far apart codes are as a rule. */
const PAIRS = 4000;

/**
 * Groups near-duplicates by their latent codes: taken in order, a code joins the first group whose first member is
 * near, or begins a group.
 * @param codes of the same length each, the most worthy first
 * @param alike how near, as a share of the median distance of two codes; 0 puts each into a group of its own
 * @returns the group of each code, 0, 1, …
 */
export function groupAlike(codes: readonly Float32Array[], alike: number): Int32Array {
  const reach = alike * medianDistance(codes);
  const leaders: Float32Array[] = [];
  return Int32Array.from(codes, (code) => {
    const group = leaders.findIndex((leader) => distance(leader, code) < reach);
    return group >= 0 ? group : leaders.push(code) - 1;
  });
}

function medianDistance(codes: readonly Float32Array[]): number {
  if (codes.length < 2) return 0;
  const random = createRandom(1);
  const distances = Float64Array.from({ length: PAIRS }, () => {
    const a = random.integer(codes.length);
    const b = (a + 1 + random.integer(codes.length - 1)) % codes.length;
    return distance(codes[a]!, codes[b]!);
  }).sort();
  return distances[PAIRS >> 1]!;
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}

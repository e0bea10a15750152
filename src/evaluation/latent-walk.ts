import type { Random } from '../domain/random.js';

/** Codes in equal steps along the straight line from one code to another, both among them: `count * latent`. */
export function walkBetween(from: Float32Array, to: Float32Array, count: number): Float32Array {
  const latent = from.length;
  const codes = new Float32Array(count * latent);
  for (let step = 0; step < count; step++) {
    const share = count === 1 ? 0 : step / (count - 1);
    for (let unit = 0; unit < latent; unit++)
      codes[step * latent + unit] = from[unit]! * (1 - share) + to[unit]! * share;
  }
  return codes;
}

/**
 * Copies of one code with one unit set to each of `values`: what that unit does to the picture.
 * @returns `values.length * latent`
 */
export function traverseUnit(code: Float32Array, unit: number, values: readonly number[]): Float32Array {
  const codes = new Float32Array(values.length * code.length);
  values.forEach((value, i) => {
    codes.set(code, i * code.length);
    codes[i * code.length + unit] = value;
  });
  return codes;
}

/** One draw z = mu + exp(logvar / 2) * noise of each code, as the model's training makes it. */
export function sampleCodes(mu: Float32Array, logvar: Float32Array, random: Random): Float32Array {
  return mu.map((mean, i) => mean + Math.exp(logvar[i]! / 2) * random.normal());
}

/** Root of the mean squared difference between each picture and the next; `pictures` is `count * length`. */
export function stepsBetween(pictures: Float32Array, count: number): number[] {
  const length = pictures.length / count;
  return Array.from({ length: Math.max(count - 1, 0) }, (_, step) => {
    let sum = 0;
    for (let p = step * length; p < (step + 1) * length; p++)
      sum += (pictures[p + length]! - pictures[p]!) ** 2;
    return Math.sqrt(sum / length);
  });
}

/** Distance between two codes. */
export function distanceBetween(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, unit) => value - b[unit]!));
}

/** The two codes of `count` that lie farthest apart, the first pair of equals; `codes` is `count * latent`. */
export function farthestPair(codes: Float32Array, count: number): [number, number] {
  const latent = codes.length / count;
  const code = (i: number): Float32Array => codes.subarray(i * latent, (i + 1) * latent);
  let best: [number, number] = [0, count - 1];
  let most = -1;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const distance = distanceBetween(code(i), code(j));
      if (distance > most) [best, most] = [[i, j], distance];
    }
  }
  return best;
}

/**
 * Counter-based randomness: every value is a hash of the scene's seed and of where it is used, so that any
 * part of a scene can be made alone and comes out the same.
 */

/** Mixes integers into 32 well-spread bits (finaliser of MurmurHash3, after each key). */
export function hash(seed: number, a: number, b = 0, c = 0): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  h = mix(h ^ Math.imul(a, 0x27d4eb2f));
  h = mix(h ^ Math.imul(b, 0x165667b1));
  return mix(h ^ Math.imul(c, 0x9e3779b1));
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Standard deviation of the sum of four uniform bytes. */
const FOUR_BYTES_SD = Math.sqrt((4 * (256 * 256 - 1)) / 12);

/** Nearly normal deviate of mean 0 and variance 1 from 32 random bits: the sum of their four bytes. */
export function normalFromBits(bits: number): number {
  const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
  return (sum - 510) / FOUR_BYTES_SD;
}

/** A sequence of random numbers that belongs to one place of a scene. */
export class RandomStream {
  private state: number;

  constructor(seed: number, a = 0, b = 0, c = 0) {
    this.state = hash(seed, a, b, c);
  }

  /** Uniform 32-bit integer (SplitMix-style counter through the mixer). */
  bits(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    return mix(this.state);
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.bits() / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  normal(): number {
    return normalFromBits(this.bits());
  }

  /** Whole number in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Number of events of a Poisson process with this mean; normal approximation above 30. */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > limit; product *= this.next()) count++;
    return count;
  }

  /** Size from a power law N(>D) ~ D^-exponent, truncated to [low, high]. */
  powerLaw(low: number, high: number, exponent: number): number {
    const tail = (low / high) ** exponent;
    return low * (1 - this.next() * (1 - tail)) ** (-1 / exponent);
  }
}

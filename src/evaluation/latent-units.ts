/** What one unit of the latent code does over many tiles. */
export interface LatentUnit {
  readonly unit: number;
  /** Mean divergence of its distribution from the standard normal, nats a tile. */
  readonly divergence: number;
  /** Variance of its mean over the tiles. */
  readonly muVariance: number;
  readonly inUse: boolean;
}

/**
 * A unit whose mean varies less than this from tile to tile tells nothing of them
 * (Burda, Grosse, Salakhutdinov 2016, Importance Weighted Autoencoders, section 5.2).
 */
export const LEAST_VARIANCE = 0.01;

/**
 * Which units the model uses, largest divergence first.
 * @param mu,logvar `count * latent`
 */
export function latentUnits(mu: Float32Array, logvar: Float32Array, count: number): LatentUnit[] {
  const latent = mu.length / count;
  const units = Array.from({ length: latent }, (_, unit): LatentUnit => {
    let divergence = 0;
    let sum = 0;
    let squares = 0;
    for (let i = unit; i < mu.length; i += latent) {
      divergence += (mu[i]! ** 2 + Math.exp(logvar[i]!) - logvar[i]! - 1) / 2;
      sum += mu[i]!;
      squares += mu[i]! ** 2;
    }
    const muVariance = squares / count - (sum / count) ** 2;
    return { unit, divergence: divergence / count, muVariance, inUse: muVariance > LEAST_VARIANCE };
  });
  return units.sort((a, b) => b.divergence - a.divergence);
}

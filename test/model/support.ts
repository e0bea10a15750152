import { createRandom } from '../../src/domain/random.js';
import { initialWeights } from '../../src/model/initial-weights.js';
import type { Architecture } from '../../src/model/architecture.js';
import type { Weights } from '../../src/model/weights.js';

/**
 * Weights as of a trained network: batch norms that scale and shift, heads and code that are not near zero.
 * Freshly initialised ones would let a wrong order of layers pass.
 */
export function livelyWeights(architecture: Architecture, seed: number): Weights {
  const random = createRandom(seed + 1);
  const weights = initialWeights(architecture, seed);
  for (const [name, { data }] of weights) {
    const change = ((): ((value: number) => number) | null => {
      if (name.endsWith('.norm.weight')) return () => 0.6 + 0.8 * random.uniform();
      if (name.endsWith('.running_var')) return () => 0.5 + 1.5 * random.uniform();
      if (name.endsWith('.bias') || name.endsWith('.running_mean')) return () => 0.2 * random.normal();
      if (/^(mu|logvar)\.weight$/.test(name)) return (value) => 5 * value;
      if (name === 'decoder.dense.weight') return (value) => 20 * value;
      return null;
    })();
    if (change !== null) data.forEach((value, i) => (data[i] = change(value)));
  }
  return weights;
}

import { createRandom } from '../domain/random.js';
import type { Architecture } from './architecture.js';
import { weightShapes } from './weight-shapes.js';
import type { Weights } from './weights.js';

/** Standard deviation of the heads' first weights: with 32768 inputs, larger ones make the loss rise at first. */
const HEAD_DEVIATION = 1e-3;
/**
 * Standard deviation of the decoder's first dense weights. Adam moves a weight by about its rate a step, whatever
 * the gradient; from He's 0.18 the decoder takes thousands of steps to stop listening to units that carry only
 * noise, and until then its batch norms do not fit the noiseless mean path that scores.
 */
const CODE_DEVIATION = 0.01;
/** First value of the logvar head's biases: the code starts with little noise, which the divergence then adds. */
const FIRST_LOGVAR = -4;

/** Seeded first weights: He's normal for layers that end in ReLU, small heads, unit batch norms. */
export function initialWeights(architecture: Architecture, seed: number): Weights {
  const random = createRandom(seed);
  const weights: Weights = new Map();
  for (const [name, shape] of weightShapes(architecture)) {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    if (shape.length > 1) {
      const deviation = initialDeviation(name, shape);
      for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
    } else if (name.endsWith('.norm.weight') || name.endsWith('.running_var')) {
      data.fill(1);
    } else if (name === 'logvar.bias') {
      data.fill(FIRST_LOGVAR);
    }
    weights.set(name, { shape, data });
  }
  return weights;
}

function initialDeviation(name: string, shape: readonly number[]): number {
  if (name.startsWith('mu.') || name.startsWith('logvar.')) return HEAD_DEVIATION;
  if (name === 'decoder.dense.weight') return CODE_DEVIATION;
  const [first = 1, second = 1, height = 1, width = 1] = shape;
  const isTransposed = name.startsWith('decoder.') && shape.length === 4;
  return Math.sqrt(2 / ((isTransposed ? first : second) * height * width));
}

import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { createRandom } from '../domain/random.js';
import { INPUT_PLANES } from './hardware-planes.js';
import { NetWeights } from './net-weights.js';
import type { TensorFlow } from './tensorflow.js';
import type { Weights } from './weights.js';

/*
 * The learned scorer of hardware, from top to bottom. It sees a tile that is turned so that the direction away
 * from the Sun lies in the first octant, and where it lies there (u, -1..1).
 *
 *   tile          1 x 64 x 64   grey levels 0..1
 *   contrast      1 x 64 x 64   c = (x - mean) / max(mean, 0.08), the mean over 17 x 17
 *   input         5 x 64 x 64   c, c u, s, s u, u with s = c / its standard deviation over the tile
 *   0            24 x 32 x 32   5x5 convolution, stride 2, batch norm, ReLU
 *   1            24 x 32 x 32   3x3
 *   2            40 x 16 x 16   3x3, stride 2
 *   3, 4, 5      40 x 16 x 16   3x3
 *   cells         2 x 16 x 16   1x1 convolution: logits of a lander and of something small in each cell of 4 x 4 px
 *   tracks.0     48 x  8 x  8   from layer 5: 3x3, stride 2
 *   tracks.1     48 x  8 x  8   3x3
 *   tracks        1 x  8 x  8   1x1 convolution: logits of tracks in each cell of 8 x 8 pixels
 *
 * A cell sees 37 pixels across, one of tracks 61. Only the first layer needs u: it makes the filters steerable.
 */

/** Cells along a tile's side, of bodies and of tracks. */
export const CELLS = 16;
export const TRACK_CELLS = 8;
export const NET_NORM_EPSILON = 1e-5;
const NORM_MOMENTUM = 0.02;

/** What a cell may hold; the index of its logit. Small: rovers and debris, which boulders look like most. */
export const BODIES = ['lander', 'small'] as const;

export interface NetLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
}

type Sizes = readonly [inputs: number, outputs: number, kernel: 3 | 5, stride: 1 | 2];
const layersOf = (prefix: string, sizes: readonly Sizes[]): NetLayer[] =>
  sizes.map(([inputs, outputs, kernel, stride], index) => ({
    name: `${prefix}.${index}`,
    ...{ inputs, outputs, kernel, stride },
  }));

/** The convolutions from which network, weights and ONNX graph are made. */
export const TRUNK = layersOf('hardware', [
  [INPUT_PLANES, 24, 5, 2],
  [24, 24, 3, 1],
  [24, 40, 3, 2],
  [40, 40, 3, 1],
  [40, 40, 3, 1],
  [40, 40, 3, 1],
]);
export const TRACKS_BRANCH = layersOf('hardware.tracks', [
  [40, 48, 3, 2],
  [48, 48, 3, 1],
]);
export const BODY_HEAD = { name: 'hardware.bodies', inputs: 40, outputs: BODIES.length } as const;
export const TRACKS_HEAD = { name: 'hardware.track_head', inputs: 48, outputs: 1 } as const;

/** Names and shapes of every weight, in the layouts of PyTorch: [out, in, h, w]. */
export function hardwareShapes(): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const { name, inputs, outputs, kernel } of [...TRUNK, ...TRACKS_BRANCH]) {
    shapes.set(`${name}.weight`, [outputs, inputs, kernel, kernel]);
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      shapes.set(`${name}.norm.${part}`, [outputs]);
  }
  for (const { name, inputs, outputs } of [BODY_HEAD, TRACKS_HEAD]) {
    shapes.set(`${name}.weight`, [outputs, inputs, 1, 1]);
    shapes.set(`${name}.bias`, [outputs]);
  }
  return shapes;
}

/** Log odds of hardware in a cell before anything was learnt. */
const FIRST_LOGIT = -4;

/** Seeded first weights: He's normal, unit batch norms, a head that doubts. */
export function initialHardwareWeights(seed: number): Weights {
  const random = createRandom(seed);
  const weights: Weights = new Map();
  for (const [name, shape] of hardwareShapes()) {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    if (shape.length > 1) {
      const deviation = Math.sqrt(2 / (shape[1]! * shape[2]! * shape[3]!));
      for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
    } else if (name.endsWith('.norm.weight') || name.endsWith('.running_var')) data.fill(1);
    else if (!name.includes('.norm.')) data.fill(FIRST_LOGIT);
    weights.set(name, { shape, data });
  }
  return weights;
}

/** The network on tfjs. */
export class HardwareNet {
  /** In training, batch norm uses the batch's own statistics and moves the running ones. */
  training = false;
  readonly #tf: TensorFlow;
  readonly #weights: NetWeights;

  constructor(tf: TensorFlow, weights: Weights) {
    this.#tf = tf;
    const norm = { epsilon: NET_NORM_EPSILON, momentum: NORM_MOMENTUM };
    this.#weights = new NetWeights(tf, hardwareShapes(), weights, norm);
  }

  /** Planes [n, 64, 64, 5] to logits of every cell: bodies [n, 16, 16, 2], tracks [n, 8, 8, 1]. */
  logits(planes: tfjs.Tensor4D): { bodies: tfjs.Tensor4D; tracks: tfjs.Tensor4D } {
    const code = TRUNK.reduce((x, layer) => this.#layer(layer, x), planes);
    const lines = TRACKS_BRANCH.reduce((x, layer) => this.#layer(layer, x), code);
    return { bodies: this.#head(BODY_HEAD.name, code), tracks: this.#head(TRACKS_HEAD.name, lines) };
  }

  /** Moves the running statistics towards those of the training passes since the last call. */
  absorbStatistics(): void {
    this.#weights.absorbStatistics();
  }

  /** A copy of all weights in PyTorch's layouts. */
  weights(): Promise<Weights> {
    return this.#weights.copy();
  }

  dispose(): void {
    this.#weights.dispose();
  }

  #layer({ name, stride }: NetLayer, x: tfjs.Tensor4D): tfjs.Tensor4D {
    const convolved = this.#tf.conv2d(x, this.#weights.kernel(name), stride, 'same');
    return this.#weights.normRelu(name, convolved, this.training);
  }

  #head(name: string, x: tfjs.Tensor4D): tfjs.Tensor4D {
    return this.#tf.conv2d(x, this.#weights.kernel(name), 1, 'same').add(this.#weights.get(`${name}.bias`));
  }
}

import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import {
  BODY_HEAD,
  NET_NORM_EPSILON,
  type NetLayer,
  TRACKS_BRANCH,
  TRACKS_HEAD,
  TRUNK,
} from '../../model/hardware-net.js';
import { LEAST_DEVIATION, LEAST_LEVEL, LEVEL_SIDE } from '../../model/hardware-planes.js';
import type { TensorFlow } from '../../model/tensorflow.js';
import type { Weights } from '../../model/weights.js';
import { LayerMaker } from './tensorflow-layers.js';

type Step = (x: tfjs.Tensor4D) => tfjs.Tensor4D;

/** The learned scorer of hardware on TensorFlow, its batch norms folded into the convolutions before them. */
export class ScoringHardwareNet {
  readonly #tf: TensorFlow;
  readonly #maker: LayerMaker;
  readonly #trunk: readonly Step[];
  readonly #branch: readonly Step[];
  readonly #bodies: Step;
  readonly #tracks: Step;

  constructor(tf: TensorFlow, weights: Weights) {
    this.#tf = tf;
    this.#maker = new LayerMaker(tf, weights);
    this.#trunk = TRUNK.map((layer) => this.#layer(layer));
    this.#branch = TRACKS_BRANCH.map((layer) => this.#layer(layer));
    this.#bodies = this.#head(BODY_HEAD.name);
    this.#tracks = this.#head(TRACKS_HEAD.name);
  }

  /**
   * Logits of every cell: bodies [n, 16, 16, 2], tracks [n, 8, 8, 1].
   * @param tiles [n, 64, 64, 1] in 0..1, turned @param octants [n]
   */
  logits(tiles: tfjs.Tensor4D, octants: tfjs.Tensor1D): { bodies: tfjs.Tensor4D; tracks: tfjs.Tensor4D } {
    const code = this.#trunk.reduce((x, step) => step(x), this.#planes(tiles, octants));
    const lines = this.#branch.reduce((x, step) => step(x), code);
    return { bodies: this.#bodies(code), tracks: this.#tracks(lines) };
  }

  dispose(): void {
    this.#maker.dispose();
  }

  /** What `hardwarePlanes` gives, computed where the tiles are. */
  #planes(x: tfjs.Tensor4D, octants: tfjs.Tensor1D): tfjs.Tensor4D {
    const tf = this.#tf;
    // Pixels beyond the border count for nothing, so that near it the mean is over fewer.
    const columns = tf.avgPool(x, [LEVEL_SIDE, 1], 1, 'same');
    const level = tf.avgPool(columns, [1, LEVEL_SIDE], 1, 'same');
    const contrast = x.sub<tfjs.Tensor4D>(level).div<tfjs.Tensor4D>(level.maximum(LEAST_LEVEL));
    const deviation = contrast.square().mean([1, 2, 3], true).sqrt();
    const standard = contrast.div<tfjs.Tensor4D>(deviation.maximum(LEAST_DEVIATION));
    const u = octants.reshape<tfjs.Tensor4D>([-1, 1, 1, 1]);
    const plane = tf.zerosLike(contrast).add<tfjs.Tensor4D>(u);
    return tf.concat<tfjs.Tensor4D>(
      [contrast, contrast.mul<tfjs.Tensor4D>(u), standard, standard.mul<tfjs.Tensor4D>(u), plane],
      3,
    );
  }

  #layer({ name, stride }: NetLayer): Step {
    const { kernel, bias } = this.#maker.folded(name, NET_NORM_EPSILON);
    return (x) => this.#tf.conv2d(x, kernel, stride, 'same').add<tfjs.Tensor4D>(bias).relu();
  }

  #head(name: string): Step {
    const kernel = this.#maker.kernel(name);
    const bias = this.#maker.bias(name);
    return (x) => this.#tf.conv2d(x, kernel, 1, 'same').add(bias);
  }
}

import type * as tfjs from '@tensorflow/tfjs-node-gpu';

/** How weights lie in TensorFlow: of each, from PyTorch's layout and back. A layout only moves values. */
export interface WeightLayout {
  toTensorFlow(name: string, weight: tfjs.Tensor): tfjs.Tensor;
  toPyTorch(name: string, weight: tfjs.Tensor): tfjs.Tensor;
}

/** PyTorch's [out, in, h, w] and [in, out, h, w] to the [h, w, in, out] and [h, w, out, in] of TensorFlow, and back. */
const TO_TENSORFLOW = [2, 3, 1, 0];
const TO_PYTORCH = [3, 2, 0, 1];

/** Kernels in the order of TensorFlow, all else as it is. */
export const PLAIN_LAYOUT: WeightLayout = {
  toTensorFlow: (_name, weight) => (weight.rank === 4 ? weight.transpose(TO_TENSORFLOW) : weight.clone()),
  toPyTorch: (_name, weight) => (weight.rank === 4 ? weight.transpose(TO_PYTORCH) : weight.clone()),
};

/** Of a dense layer's weight, the axis along the flattened code, and the code's channels and side. */
export interface CodeAxis {
  readonly axis: number;
  readonly channels: number;
  readonly side: number;
}

/**
 * Weights of a network that sees its tiles turned by half a turn: kernels and codes are turned with them, and codes
 * lie pixel by pixel instead of channel by channel. With a stride of 2, TensorFlow's `same` pads below and to the
 * right, PyTorch's `padding=1` above and to the left: half a turn makes one of the other, so that nothing needs to
 * be padded before a convolution or cut off behind it, and no activation is ever transposed.
 *
 * @param codeAxis of the weights that meet a flattened code
 */
export function turnedLayout(codeAxis: ReadonlyMap<string, CodeAxis>): WeightLayout {
  return {
    toTensorFlow: (name, weight) => {
      const code = codeAxis.get(name);
      if (code === undefined)
        return weight.rank === 4
          ? weight.reverse([2, 3]).transpose(TO_TENSORFLOW)
          : PLAIN_LAYOUT.toTensorFlow(name, weight);
      const { axis, channels, side } = code;
      return moveCode(weight, axis, [channels, side, side], [1, 2], [1, 2, 0]);
    },
    toPyTorch: (name, weight) => {
      const code = codeAxis.get(name);
      if (code === undefined)
        return weight.rank === 4
          ? weight.transpose(TO_PYTORCH).reverse([2, 3])
          : PLAIN_LAYOUT.toPyTorch(name, weight);
      const { axis, channels, side } = code;
      return moveCode(weight, axis, [side, side, channels], [0, 1], [2, 0, 1]);
    },
  };
}

/**
 * Splits an axis into the sides of a code, turns it by half a turn, reorders its sides and joins them again.
 * @param places of the sides that are no channels
 */
function moveCode(
  weight: tfjs.Tensor,
  axis: number,
  sides: readonly number[],
  places: readonly number[],
  order: readonly number[],
): tfjs.Tensor {
  const before = weight.shape.slice(0, axis);
  const after = weight.shape.slice(axis + 1);
  const split = weight.reshape([...before, ...sides, ...after]);
  const moved = [
    ...before.map((_, i) => i),
    ...order.map((i) => axis + i),
    ...after.map((_, i) => axis + 3 + i),
  ];
  return split
    .reverse(places.map((i) => axis + i))
    .transpose(moved)
    .reshape(weight.shape);
}

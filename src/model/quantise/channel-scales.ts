import type { FoldedConvolution, FoldedDense } from './folded-layers.js';

/** Sizes of channels relative to the largest one's, and that one's highest value. */
export interface ChannelScales {
  /** (0, 1] */
  readonly shares: Float32Array;
  readonly most: number;
}

/** A channel that was hardly ever seen at work is taken for one that seldom is. */
const LEAST_SHARE = 1 / 64;
/** Of the range over the highest value that was seen. */
export const HEADROOM = 1.15;

/**
 * How much of the common range of 8 bits the channels of an activation would leave unused: a ReLU's output may be
 * divided by any positive number if the next layer multiplies by it, so every channel can fill the range.
 *
 * @param highest value of each channel
 * @param evenness 0 leaves the channels as they are, 1 makes all of them fill the range; what they gain, the next
 *   layer's weights lose, which differ the more between their inputs
 * @param headroom of the range over the highest value that was seen
 */
export function channelScales(highest: Float32Array, evenness: number, headroom = HEADROOM): ChannelScales {
  const most = Math.max(
    highest.reduce((max, value) => Math.max(max, value), 0),
    1e-6,
  );
  const shares = highest.map((value) => Math.max(value / most, LEAST_SHARE) ** evenness);
  const needed = highest.reduce((max, value, c) => Math.max(max, value / shares[c]!), 1e-6);
  return { shares, most: headroom * needed };
}

/** A layer whose output channels are divided by their shares; of four successors each has its own channel's. */
export function dividedOutputs<L extends FoldedConvolution | FoldedDense>(layer: L, shares: Float32Array): L {
  const each = layer.weight.length / layer.outputs;
  const share = (o: number): number => shares[o % shares.length]!;
  return {
    ...layer,
    weight: layer.weight.map((value, i) => value / share(Math.floor(i / each))),
    bias: layer.bias.map((value, o) => value / share(o)),
  };
}

/** A layer that multiplies its input channels by their shares. @param taps weights of one input, one after another */
export function multipliedInputs<L extends FoldedConvolution | FoldedDense>(
  layer: L,
  shares: Float32Array,
  taps: number,
): L {
  return {
    ...layer,
    weight: layer.weight.map(
      (value, i) => value * shares[Math.floor((i % (layer.inputs * taps)) / taps) % shares.length]!,
    ),
  };
}

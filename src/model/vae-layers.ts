import { type Architecture, type Family, TILE_SIZE } from './architecture.js';

/*
 * Two variational autoencoders of Lesnikowski, Bickel and Angerhausen, from top to bottom. `vae` is that of 2020
 * (section 2.2), `vae2024` has the convolutions of their follow-up (doi 10.1109/JSTARS.2024.3369101), for grey tiles
 * only: its published code has one more dense layer of the code's length on either side of the code, batch norm after
 * all dense layers but mu and logvar, and no sigmoid at the end. A row ends in batch norm and ReLU where it says no
 * other.
 *
 *                       vae                      vae2024
 *   tile            C x 64 x 64              1 x 64 x 64      values 0..1; C = 1 or 3
 *   encoder.0      32 x 32 x 32, stride 2   16 x 64 x 64      3x3 convolution
 *   encoder.1      64 x 32 x 32             32 x 32 x 32, 2   3x3 convolution
 *   encoder.2     128 x 16 x 16, stride 2   64 x 32 x 32      3x3 convolution
 *   encoder.3     128 x 16 x 16            128 x 16 x 16, 2   3x3 convolution
 *   mu, logvar     latent (64)              latent (256)      dense from the 32768 values, channel by channel
 *   z = mu + exp(logvar / 2) * noise in training, z = mu when scoring
 *   decoder.dense 128 x 16 x 16            128 x 16 x 16      dense, ReLU
 *   decoder.0     128 x 16 x 16             64 x 32 x 32, 2   transposed 3x3 convolution
 *   decoder.1      64 x 32 x 32, stride 2   32 x 32 x 32      transposed 3x3 convolution
 *   decoder.2      32 x 32 x 32             16 x 64 x 64, 2   transposed 3x3 convolution
 *   decoder.3       C x 64 x 64, stride 2    1 x 64 x 64      transposed 3x3 convolution, sigmoid
 */

/** Added to the variance by every batch norm. */
export const NORM_EPSILON = 1e-5;
/** Side of every convolution's kernel, pixels. */
export const KERNEL = 3;
/** The encoders' convolutions; the decoders mirror them. */
const ENCODERS: Record<Family, readonly { readonly outputs: number; readonly stride: number }[]> = {
  vae: [
    { outputs: 32, stride: 2 },
    { outputs: 64, stride: 1 },
    { outputs: 128, stride: 2 },
    { outputs: 128, stride: 1 },
  ],
  vae2024: [
    { outputs: 16, stride: 1 },
    { outputs: 32, stride: 2 },
    { outputs: 64, stride: 1 },
    { outputs: 128, stride: 2 },
  ],
};
/** Side of the encoder's output, and its channels. */
export const CODE_SIZE = 16;
export const CODE_CHANNELS = 128;
/** Length of the flattened encoder output. */
export const CODE_LENGTH = CODE_CHANNELS * CODE_SIZE * CODE_SIZE;

/** A (transposed) 3x3 convolution on a square of `size` pixels; with batch norm and ReLU, or bias and sigmoid. */
export interface ConvolutionLayer {
  readonly kind: 'convolution' | 'transposed';
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
  /** Side of the square that comes in, pixels. */
  readonly size: number;
  readonly ending: 'norm-relu' | 'bias-sigmoid';
}

export interface DenseLayer {
  readonly kind: 'dense';
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}

export interface VaeLayers {
  readonly encoder: readonly ConvolutionLayer[];
  readonly mu: DenseLayer;
  /** Used in training only. */
  readonly logvar: DenseLayer;
  readonly decoderDense: DenseLayer;
  readonly decoder: readonly ConvolutionLayer[];
}

/** The layers from which the network, its weights, its ONNX graph and its cost are all made. */
export function vaeLayers(architecture: Architecture): VaeLayers {
  const { family, channels, latent } = architecture;
  const encoder: ConvolutionLayer[] = [];
  let inputs = channels;
  let size = TILE_SIZE;
  ENCODERS[family].forEach(({ outputs, stride }, index) => {
    const name = `encoder.${index}`;
    encoder.push({ kind: 'convolution', name, inputs, outputs, stride, size, ending: 'norm-relu' });
    inputs = outputs;
    size /= stride;
  });
  const decoder = encoder.toReversed().map((layer, index): ConvolutionLayer => ({
    kind: 'transposed',
    name: `decoder.${index}`,
    inputs: layer.outputs,
    outputs: layer.inputs,
    stride: layer.stride,
    size: layer.size / layer.stride,
    ending: index === encoder.length - 1 ? 'bias-sigmoid' : 'norm-relu',
  }));
  return {
    encoder,
    mu: { kind: 'dense', name: 'mu', inputs: CODE_LENGTH, outputs: latent },
    logvar: { kind: 'dense', name: 'logvar', inputs: CODE_LENGTH, outputs: latent },
    decoderDense: { kind: 'dense', name: 'decoder.dense', inputs: latent, outputs: CODE_LENGTH },
    decoder,
  };
}

/** All layers in order, `logvar` among them. */
export function allLayers(layers: VaeLayers): (ConvolutionLayer | DenseLayer)[] {
  return [...layers.encoder, layers.mu, layers.logvar, layers.decoderDense, ...layers.decoder];
}

/** Multiply-adds of scoring one tile (encoder, mu, decoder), without the structural zeros of transposed convolutions. */
export function multiplyAdds(layers: VaeLayers): number {
  let total = 0;
  for (const layer of allLayers(layers)) {
    if (layer === layers.logvar) continue;
    if (layer.kind === 'dense') {
      total += layer.inputs * layer.outputs;
    } else {
      const side = layer.kind === 'convolution' ? layer.size / layer.stride : layer.size;
      total += KERNEL * KERNEL * layer.inputs * layer.outputs * side * side;
    }
  }
  return total;
}

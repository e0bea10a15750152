import type { Architecture } from './architecture.js';
import { allLayers, CODE_CHANNELS, CODE_SIZE, KERNEL, vaeLayers } from './vae-layers.js';
import type { CodeAxis } from './weight-layout.js';

const CODE = { channels: CODE_CHANNELS, side: CODE_SIZE };
/** Of the weights that meet the flattened code, the axis along it. */
export const CODE_AXES: ReadonlyMap<string, CodeAxis> = new Map([
  ['mu.weight', { axis: 1, ...CODE }],
  ['logvar.weight', { axis: 1, ...CODE }],
  ['decoder.dense.weight', { axis: 0, ...CODE }],
  ['decoder.dense.bias', { axis: 0, ...CODE }],
]);

/**
 * Names and shapes of every weight in the layouts of PyTorch: convolutions [out, in, 3, 3], transposed ones
 * [in, out, 3, 3], dense layers [out, in].
 */
export function weightShapes(architecture: Architecture): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const layer of allLayers(vaeLayers(architecture))) {
    const { name, inputs, outputs } = layer;
    if (layer.kind === 'dense') shapes.set(`${name}.weight`, [outputs, inputs]);
    if (layer.kind === 'convolution') shapes.set(`${name}.weight`, [outputs, inputs, KERNEL, KERNEL]);
    if (layer.kind === 'transposed') shapes.set(`${name}.weight`, [inputs, outputs, KERNEL, KERNEL]);
    if (layer.kind === 'dense' || layer.ending === 'bias-sigmoid') {
      shapes.set(`${name}.bias`, [outputs]);
    } else {
      for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
        shapes.set(`${name}.norm.${part}`, [outputs]);
      }
    }
  }
  return shapes;
}

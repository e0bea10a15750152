import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { exportScorer } from '../../src/model/export-onnx.js';
import { OnnxGraph } from '../../src/model/onnx-graph.js';
import { ONNX_TYPE } from '../../src/model/onnx-schema.js';
import { channelScales, dividedOutputs, multipliedInputs } from '../../src/model/quantise/channel-scales.js';
import { foldConvolution, foldDense, type FoldedDense } from '../../src/model/quantise/folded-layers.js';
import { quantiseRows, transposed } from '../../src/model/quantise/int8-weights.js';
import { referenceTiles } from '../../src/model/reference-tiles.js';
import { locateTensors, writeSafetensors } from '../../src/model/safetensors.js';
import type { Architecture } from '../../src/model/architecture.js';
import { vaeLayers } from '../../src/model/vae-layers.js';
import type { Weights } from '../../src/model/weights.js';
import { temporaryFolder } from '../training/support.js';
import { livelyWeights } from './support.js';

const folder = temporaryFolder();

/** The VAE in single precision, built of the folded layers alone, channels last where a dense layer reads them. */
function foldedGraph(architecture: Architecture, weights: Weights): Buffer {
  const { channels } = architecture;
  const layers = vaeLayers(architecture);
  const graph = new OnnxGraph();
  const tiles = graph.input('tiles', 'uint8', ['n', channels, 64, 64]);
  const grey = graph.node('Cast', [tiles], { to: ONNX_TYPE.float });
  let y = graph.node('Div', [grey, graph.floats('255', [], [255])]);
  const convolve = (layer: (typeof layers.encoder)[number]): void => {
    const folded = foldConvolution(weights, layer);
    const { name, inputs, outputs, kernel, stride, pads, weight, bias } = folded;
    y = graph.node(
      'Conv',
      [
        y,
        graph.floats(`${name}.w`, [outputs, inputs, kernel, kernel], weight),
        graph.floats(`${name}.b`, [outputs], bias),
      ],
      {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pads[0], pads[0], pads[1], pads[1]],
      },
    );
    if (folded.depthToSpace) y = graph.node('DepthToSpace', [y], { blocksize: 2 });
    y = graph.node(layer.ending === 'norm-relu' ? 'Relu' : 'Sigmoid', [y]);
  };
  const dense = ({ name, inputs, outputs, weight, bias }: FoldedDense, x: string, output?: string): string =>
    graph.node(
      'Gemm',
      [x, graph.floats(`${name}.w`, [outputs, inputs], weight), graph.floats(`${name}.b`, [outputs], bias)],
      { transB: 1 },
      output,
    );
  layers.encoder.forEach(convolve);
  const first = layers.decoder[0]!;
  const picture = { channels: first.inputs, pixels: first.size ** 2 };
  const last = graph.node('Transpose', [y], { perm: [0, 2, 3, 1] });
  const mu = dense(foldDense(weights, layers.mu, 'inputs', picture), graph.node('Flatten', [last]), 'mu');
  const code = graph.node('Relu', [dense(foldDense(weights, layers.decoderDense, 'outputs', picture), mu)]);
  const shape = graph.integers('shape', [-1, first.size, first.size, first.inputs]);
  y = graph.node('Transpose', [graph.node('Reshape', [code, shape])], { perm: [0, 3, 1, 2] });
  layers.decoder.forEach(convolve);
  graph.node('Identity', [y], {}, 'reconstruction');
  graph.output('mu', 'float', ['n', architecture.latent]);
  graph.output('reconstruction', 'float', ['n', channels, 64, 64]);
  return graph.encode('folded');
}

describe('the folded layers', () => {
  test.each([
    { family: 'vae', channels: 1, latent: 8 },
    { family: 'vae', channels: 3, latent: 16 },
    { family: 'vae2024', channels: 1, latent: 8 },
  ] as const)('give what the plain graph gives: $family, $channels channels', async (architecture) => {
    const weights = livelyWeights(architecture, 5);
    const bytes = writeSafetensors(weights, () => 'F32');
    const plain = path.join(folder, `${architecture.family}-${architecture.channels}.onnx`);
    writeFileSync(path.join(folder, 'w.safetensors'), bytes);
    writeFileSync(plain, exportScorer(architecture, locateTensors(bytes, 'w'), 'w.safetensors'));
    const { count, pixels, valid } = referenceTiles(architecture.channels);
    const tiles = new Tensor('uint8', pixels, [count, architecture.channels, 64, 64]);
    const one = await InferenceSession.create(plain);
    const other = await InferenceSession.create(foldedGraph(architecture, weights));
    const theirs = await one.run({ tiles, valid: new Tensor('uint8', valid, [count, 1, 64, 64]) });
    const ours = await other.run({ tiles });
    for (const name of ['mu', 'reconstruction']) {
      const [a, b] = [ours[name]!.data as Float32Array, theirs[name]!.data as Float32Array];
      const largest = b.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      expect(a).toHaveLength(b.length);
      expect(a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0)).toBeLessThan(
        1e-5 * largest,
      );
    }
    await one.release();
    await other.release();
  });
});

const numbers = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 6, maxLength: 6 });

describe('weights in whole numbers', () => {
  test('are within half a step of the weights, and zero stays zero', () => {
    fc.assert(
      fc.property(numbers, fc.constantFrom(0 as const, 1 as const), (values, zeroPoint) => {
        const weight = Float32Array.from([...values, 0, 0]);
        const rows = quantiseRows(weight, 2, zeroPoint);
        weight.forEach((value, i) => {
          const scale = rows.scales[i < 4 ? 0 : 1]!;
          const kept = (rows.values[i]! - rows.zeroPoint) * scale;
          expect(Math.abs(kept - value)).toBeLessThanOrEqual(scale * 0.5001);
          if (value === 0) expect(kept).toBe(0);
        });
      }),
    );
  });

  test('are transposed and back', () => {
    const matrix = Int8Array.of(1, 2, 3, 4, 5, 6);
    expect([...transposed(matrix, 2)]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(transposed(transposed(matrix, 2), 3)).toEqual(matrix);
  });
});

describe('the scales of channels', () => {
  const highest = fc.array(fc.float({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 8 });

  test('leave room above every value that was seen, and divide by at most 1', () => {
    fc.assert(
      fc.property(highest, fc.double({ min: 0, max: 1, noNaN: true }), (values, evenness) => {
        const { shares, most } = channelScales(Float32Array.from(values), evenness);
        values.forEach((value, c) => {
          expect(shares[c]).toBeGreaterThan(0);
          expect(shares[c]).toBeLessThanOrEqual(1);
          expect(value / shares[c]!).toBeLessThanOrEqual(most);
        });
      }),
    );
  });

  test('change nothing of two layers, since the second multiplies by what the first divided by', () => {
    const layer = (name: string, weight: number[], outputs: number): FoldedDense => ({
      ...{ name, outputs, inputs: weight.length / outputs },
      weight: Float32Array.from(weight),
      bias: new Float32Array(outputs).fill(0.5),
    });
    const first = layer('a', [1, 2, 3, 4], 2);
    const second = layer('b', [5, 7], 1);
    const shares = Float32Array.of(1, 0.25);
    const run = (x: number[], { weight, bias, inputs }: FoldedDense): number[] =>
      Array.from(bias, (b, o) =>
        Math.max(
          0,
          x.reduce((sum, v, i) => sum + v * weight[o * inputs + i]!, b),
        ),
      );
    const plain = run(run([0.3, 0.6], first), second);
    const scaled = run(run([0.3, 0.6], dividedOutputs(first, shares)), multipliedInputs(second, shares, 1));
    expect(scaled[0]).toBeCloseTo(plain[0]!, 5);
  });
});

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { inputParts } from '../../src/model/export-hardware.js';
import { hardwarePlanes, INPUT_PLANES } from '../../src/model/hardware-planes.js';
import { initialHardwareWeights, TRUNK } from '../../src/model/hardware-net.js';
import { OnnxGraph } from '../../src/model/onnx-graph.js';
import { foldNetLayer, type FoldedConvolution } from '../../src/model/quantise/folded-layers.js';
import { Int8Layers } from '../../src/model/quantise/int8-graph.js';
import { steeredLayer } from '../../src/model/quantise/steered-layer.js';

const SIDE = 64;
const AREA = SIDE * SIDE;
const OCTANTS = [-0.9, 0, 0.7];
const MOST = 6;

/** The layer as it is defined, over planes [n, 64, 64, 5], with its ReLU: [n, 32, 32, outputs]. */
function convolved(layer: FoldedConvolution, planes: Float32Array, tiles: number): Float32Array {
  const { inputs, outputs, kernel, stride, pads, weight, bias } = layer;
  const across = SIDE / stride;
  return Float32Array.from({ length: tiles * across * across * outputs }, (_, index) => {
    const output = index % outputs;
    const x = Math.floor(index / outputs) % across;
    const y = Math.floor(index / outputs / across) % across;
    const tile = Math.floor(index / outputs / across / across);
    let sum = bias[output]!;
    for (let row = 0; row < kernel; row++) {
      for (let column = 0; column < kernel; column++) {
        const py = y * stride - pads[0] + row;
        const px = x * stride - pads[0] + column;
        if (py < 0 || py >= SIDE || px < 0 || px >= SIDE) continue;
        for (let plane = 0; plane < inputs; plane++)
          sum +=
            planes[(tile * AREA + py * SIDE + px) * inputs + plane]! *
            weight[((output * inputs + plane) * kernel + row) * kernel + column]!;
      }
    }
    return Math.max(sum, 0);
  });
}

describe('the first layer of the learned scorer with one kernel a tile', () => {
  it('gives what it gives on five planes, to the border and whatever the directions in a batch', async () => {
    const random = createRandom(5);
    const weights = initialHardwareWeights(2);
    for (const [name, { data }] of weights)
      if (name.includes('.norm.')) for (let i = 0; i < data.length; i++) data[i] = 0.5 + random.uniform();
    const layer = foldNetLayer(weights, TRUNK[0]!);
    const { name, outputs } = layer;
    // The last tile has no texture at all.
    const pixels = Uint8Array.from({ length: OCTANTS.length * AREA }, (_, i) =>
      i < 2 * AREA ? 80 + random.integer(90) : 120,
    );
    const graph = new OnnxGraph();
    const tiles = graph.input('turned', 'uint8', ['m', 1, SIDE, SIDE]);
    const octant = graph.input('octant', 'float', ['m']);
    const input = { ...inputParts(graph, tiles, octant), side: SIDE };
    const range = { least: new Float32Array(outputs), most: new Float32Array(outputs).fill(MOST) };
    const y = steeredLayer(graph, new Int8Layers(graph), layer, input, range);
    graph.output(`${name}.quantised`, 'uint8', ['m', SIDE / 2, SIDE / 2, outputs]);
    const session = await InferenceSession.create(graph.encode('steered'), { executionProviders: ['cpu'] });
    const results = await session.run({
      turned: new Tensor('uint8', pixels, [OCTANTS.length, 1, SIDE, SIDE]),
      octant: new Tensor('float32', Float32Array.from(OCTANTS), [OCTANTS.length]),
    });
    await session.release();
    const kept = results[y.name]!.data as Uint8Array;

    const grey = Float32Array.from(pixels, (dn) => dn / 255);
    const planes = hardwarePlanes(grey, Float32Array.from(OCTANTS));
    expect(planes).toHaveLength(pixels.length * INPUT_PLANES);
    const truth = convolved(layer, planes, OCTANTS.length);
    let worst = 0;
    let between = 0;
    truth.forEach((value, i) => {
      const step = y.scale * y.shares[i % outputs]!;
      worst = Math.max(worst, Math.abs(Math.min(value / step, 255) - kept[i]!));
      if (kept[i]! > 0 && kept[i]! < 255) between++;
    });
    expect(worst).toBeLessThan(0.51);
    expect(between).toBeGreaterThan(truth.length / 10);
  });
});

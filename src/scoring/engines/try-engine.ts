import '../engine-privacy.js';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { OnnxGraph } from '../../model/onnx-graph.js';
import { describeTensorFlow, loadTensorFlow } from '../../model/tensorflow.js';
import type { EngineName } from './engine-spec.js';
import type { EngineAnswer, ProbeAnswer } from './engine-probe.js';

/** Sums of the 3x3 neighbourhoods of 0..15 in a square of 4x4. */
const SUMS = [45, 54, 81, 90];
const SQUARE = Float32Array.from({ length: 16 }, (_, i) => i);

/**
 * Has an engine compute one convolution, in this process.
 * @throws Error with the reason where it cannot, or gets it wrong
 */
export async function tryEngine(engine: EngineName): Promise<ProbeAnswer> {
  const { sums, ...answer } = await computed(engine);
  if (!SUMS.every((expected, i) => Math.abs(sums[i]! - expected) < 1e-3))
    return { reason: `it computes wrongly on this machine's ${answer.device}` };
  return answer;
}

interface Tried extends EngineAnswer {
  readonly sums: ArrayLike<number>;
}

function computed(engine: EngineName): Promise<Tried> {
  switch (engine) {
    case 'tensorflow':
      return onTensorFlow();
    case 'openvino':
      return onOpenVino();
    case 'onnx':
      return onOnnx('cpu');
    case 'onnx-webgpu':
      return onOnnx('webgpu');
  }
}

async function onTensorFlow(): Promise<Tried> {
  const tf = await loadTensorFlow();
  // The addon's word: whether TensorFlow lists a GPU after it has started it, on which all its operations then run.
  const { version, device } = describeTensorFlow(tf);
  const sums = tf.tidy(() =>
    tf.conv2d(tf.tensor4d(SQUARE, [1, 4, 4, 1]), tf.ones([3, 3, 1, 1]), 1, 'valid').dataSync(),
  );
  return { sums, version, device: device === 'cuda' ? 'gpu' : 'cpu' };
}

async function onOpenVino(): Promise<Tried> {
  const [{ Core }, { Network }] = await Promise.all([
    import('./openvino/core.js'),
    import('./openvino/network.js'),
  ]);
  const core = new Core();
  const stage = {
    graph: convolution('n'),
    precision: 'fp32',
    inputs: { x: { type: 'float', shape: [1, 4, 4] } },
    outputs: { y: { type: 'float', shape: [1, 2, 2] } },
  } as const;
  const network = new Network<'x', 'y'>(core, stage, 1, 1);
  const { y: sums } = network.run(1, { x: SQUARE }, ['y']);
  network.close();
  const answer = { sums, version: core.version, device: 'cpu', bf16: core.hasBf16() } as const;
  core.close();
  return answer;
}

async function onOnnx(provider: 'cpu' | 'webgpu'): Promise<Tried> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  const session = await InferenceSession.create(convolution(), { executionProviders: [provider] }).catch(
    (cause: unknown) => {
      const { message } = cause as Error;
      throw new Error(
        message.includes('WebGPU adapter') ? 'no driver offers it a graphics adapter' : message,
        { cause },
      );
    },
  );
  const { y } = await session.run({ x: new Tensor('float32', SQUARE, [1, 1, 4, 4]) });
  const device = provider === 'cpu' ? 'cpu' : holdsSoftwareDriver() ? 'software' : 'gpu';
  await session.release();
  return { sums: y!.data as Float32Array, version, device };
}

function convolution(batch: number | string = 1): Buffer {
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float', [batch, 1, 4, 4]);
  const ones = graph.floats('ones', [1, 1, 3, 3], Array<number>(9).fill(1));
  graph.node('Conv', [x, ones], { kernel_shape: [3, 3] }, 'y');
  graph.output('y', 'float', [batch, 1, 2, 2]);
  return graph.encode('selenoscan-probe');
}

/** Libraries of Vulkan drivers that compute on the CPU: SwiftShader, Mesa's lavapipe. */
const SOFTWARE_DRIVERS = /\/libvk_swiftshader\.so|\/libvulkan_lvp\.so/;

/**
 * Whether this process has such a driver loaded. Probes for a GPU tell the Vulkan loader to leave them out, so one
 * that is there nevertheless may be what computes. Only Linux has them.
 */
function holdsSoftwareDriver(): boolean {
  return process.platform === 'linux' && SOFTWARE_DRIVERS.test(readFileSync('/proc/self/maps', 'utf8'));
}

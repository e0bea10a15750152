import '../engine-privacy.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OperationalError } from '../../domain/errors.js';
import type { CellLogits, TurnedBatch } from '../scorer.js';

export const HARDWARE_INPUTS = ['turned', 'octant'] as const;
export const HARDWARE_OUTPUTS = ['bodies', 'tracks'] as const;

/** What of onnxruntime computes. */
export type Provider = 'cpu' | 'webgpu';

/**
 * Opens a graph, on the CPU where no other provider is named.
 * @throws OperationalError when it cannot be loaded or lacks an input or output.
 */
export async function openSession(
  graph: string,
  { provider = 'cpu', threads }: { readonly provider?: Provider; readonly threads: number },
  inputs: readonly string[],
  outputs: readonly string[],
): Promise<InferenceSession> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(graph, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    if (provider === 'webgpu' && why.includes('WebGPU'))
      throw new OperationalError(
        'no_gpu',
        'WebGPU finds no graphics adapter on this machine: install its Vulkan driver, or set scoring.engine to auto.',
        { cause },
      );
    throw new OperationalError(
      'model_graph',
      `${graph} cannot be loaded as an ONNX graph: export the model again.`,
      { cause },
    );
  }
  for (const [kind, wanted, present] of [
    ['input', inputs, session.inputNames],
    ['output', outputs, session.outputNames],
  ] as const) {
    const missing = wanted.find((name) => !present.includes(name));
    if (missing !== undefined) {
      await session.release();
      throw new OperationalError(
        'model_graph',
        `${graph} has no ${kind} named ${missing}: export the model again.`,
      );
    }
  }
  return session;
}

/** What a learned scorer's graph, exact or in whole numbers, says of turned tiles. */
export async function logitsOf(
  net: InferenceSession,
  { count, pixels, octants }: TurnedBatch,
  size: number,
): Promise<CellLogits> {
  const { bodies, tracks } = await net.run({
    turned: new Tensor('uint8', pixels.subarray(0, count * size * size), [count, 1, size, size]),
    octant: new Tensor('float32', octants.subarray(0, count), [count]),
  });
  return { bodies: bodies!.data as Float32Array, tracks: tracks!.data as Float32Array };
}

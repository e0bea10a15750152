import type * as TensorFlowModule from '@tensorflow/tfjs-node-gpu';
import util from 'node:util';
import { OperationalError } from '../domain/errors.js';

/** The API of tfjs. Training needs it; scoring never does. */
export type TensorFlow = typeof TensorFlowModule;

/**
 * Loads tfjs with its native engine.
 * @throws OperationalError where the engine is not built.
 */
export async function loadTensorFlow(): Promise<TensorFlow> {
  // tfjs 4.22 calls util.isNullOrUndefined, which Node 23 took away.
  const utilities = util as { isNullOrUndefined?: (value: unknown) => boolean };
  utilities.isNullOrUndefined ??= (value) => value === null || value === undefined;
  // Errors only: the library otherwise tells of every missing GPU library and CPU feature.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  try {
    const module = (await import('@tensorflow/tfjs-node-gpu')) as TensorFlow & { default?: TensorFlow };
    return module.default ?? module;
  } catch (error) {
    throw new OperationalError(
      'engine_missing',
      'TensorFlow is not built on this machine: run `npm run engine:tensorflow -- cpu` (or `-- cuda`) once.',
      { cause: error },
    );
  }
}

/** What tfjs computes on, e.g. `{ version: '2.21.0', device: 'cpu' }`. */
export function describeTensorFlow(tf: TensorFlow): { version: string; device: 'cpu' | 'cuda' } {
  const backend = tf.backend() as unknown as { binding: { TF_Version: string }; isUsingGpuDevice: boolean };
  return { version: backend.binding.TF_Version, device: backend.isUsingGpuDevice ? 'cuda' : 'cpu' };
}

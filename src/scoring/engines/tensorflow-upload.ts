import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import type { TensorFlow } from '../../model/tensorflow.js';

/** What an operation of TensorFlow gives, as the native addon tells it. */
interface OutputInfo {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The raw door to TensorFlow in tfjs-node. */
interface RawBackend {
  readonly binding: Record<'TF_UINT8' | 'TF_FLOAT' | 'TF_ATTR_TYPE' | 'TF_ATTR_BOOL', number> & {
    createTensor(shape: number[], dtype: number, values: Uint8Array): number;
    deleteTensor(id: number): void;
    executeOp(name: string, attributes: unknown[], inputs: number[], outputs: number): OutputInfo[];
  };
  createOutputTensor(info: OutputInfo): tfjs.Tensor;
}

/**
 * Bytes as a float32 tensor of the same numbers. tfjs knows no 8-bit numbers, so they would go to the device four
 * times as large: here the bytes go there, and are made floats on it.
 */
export function uploadBytes<T extends tfjs.Tensor>(tf: TensorFlow, bytes: Uint8Array, shape: number[]): T {
  const backend = tf.backend() as unknown as RawBackend;
  const { binding } = backend;
  const id = binding.createTensor(shape, binding.TF_UINT8, bytes);
  try {
    const [info] = binding.executeOp(
      'Cast',
      [
        { name: 'SrcT', type: binding.TF_ATTR_TYPE, value: binding.TF_UINT8 },
        { name: 'DstT', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
        { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
      ],
      [id],
      1,
    );
    return backend.createOutputTensor(info!) as T;
  } finally {
    binding.deleteTensor(id);
  }
}

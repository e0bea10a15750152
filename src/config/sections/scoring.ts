import { z } from 'zod';
import { integer, key } from '../key.js';

/** How tiles are scored, on what, with how many threads. */
export const scoring = z.strictObject({
  mode: key(z.enum(['auto', 'exact', 'full', 'cascade']).default('auto'), {
    description:
      'How tiles are scored: exact (all in fp32), full (each in int8 or bf16, in fp32 where it may decide), cascade (the autoencoder only where it may decide); auto = the fastest that the model and the engine have. Detections are the same in all of them, the score map is not.',
  }),
  engine: key(z.enum(['auto', 'onnx', 'onnx-webgpu', 'openvino', 'tensorflow']).default('auto'), {
    description:
      'What scores: onnx (onnxruntime on the CPU, nothing to install), onnx-webgpu (onnxruntime by Vulkan, Metal or Direct3D 12), tensorflow (built by npm run engine:tensorflow), openvino (on the CPU, brought in by npm run engine:openvino). auto = a GPU by tensorflow or onnx-webgpu where one is at work, else openvino where it is installed and the CPU has bfloat16, else onnx.',
  }),
  device: key(z.enum(['auto', 'cpu', 'gpu']).default('auto'), {
    description:
      'Where it scores; with gpu it is an error at start when no GPU is at work. With auto the CPU takes over from a GPU that fails.',
  }),
  workers: key(integer(0, 256, 0), {
    description: 'Scoring threads; 0 = one per core, on a GPU four at most. onnx-webgpu has one.',
  }),
  batch: key(integer(1, 1024, 32), { description: 'Tiles per call of the network.' }),
  strip_rows: key(integer(1, 64, 12), {
    description: 'Rows of tiles per strip: memory grows with it, results do not.',
  }),
});

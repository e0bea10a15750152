/**
 * Loads the built engine in a process of its own and computes one small convolution with a known answer.
 * Prints one JSON object: `{ version, device, convolution }`.
 */
import util from 'node:util';

util.isNullOrUndefined ??= (value) => value === null || value === undefined;
process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';

const { default: tf } = await import('@tensorflow/tfjs-node-gpu');
const backend = tf.backend();
const image = tf.range(0, 16).reshape([1, 4, 4, 1]);
const kernel = tf.ones([3, 3, 1, 1]);
const convolution = Array.from(await tf.conv2d(image, kernel, 1, 'valid').data());
console.log(
  JSON.stringify({
    version: backend.binding.TF_Version,
    device: backend.isUsingGpuDevice ? 'cuda' : 'cpu',
    convolution,
  }),
);

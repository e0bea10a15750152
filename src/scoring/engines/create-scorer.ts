import { OperationalError } from '../../domain/errors.js';
import type { Scorer } from '../scorer.js';
import type { EngineSpec, ModelFiles } from './engine-spec.js';
import { createOnnxScorer } from './onnx-scorer.js';

/**
 * A model on the chosen engine.
 *
 * @param threads of the CPU that a session may use.
 * @throws OperationalError where the engine or the model cannot be loaded.
 */
export async function createScorer(spec: EngineSpec, model: ModelFiles, threads: number): Promise<Scorer> {
  if (spec.engine !== 'tensorflow') {
    const provider = spec.engine === 'onnx' ? 'cpu' : 'webgpu';
    return createOnnxScorer({ ...model, threads, provider, device: spec.device });
  }
  if (model.network === undefined)
    throw new OperationalError('engine', 'TensorFlow needs the weights of the model: name its folder.');
  // Loaded only where it is used: it takes a second and 300 MB.
  const { createTensorFlowScorer } = await import('./tensorflow-scorer.js');
  return createTensorFlowScorer({ ...model, network: model.network, device: spec.device });
}

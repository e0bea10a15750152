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
  const { engine, device } = spec;
  if (engine === 'onnx' || engine === 'onnx-webgpu') {
    const provider = engine === 'onnx' ? 'cpu' : 'webgpu';
    return createOnnxScorer({ ...model, threads, provider, device });
  }
  const { network, hardwarePath, screening = null } = model;
  if (network === undefined)
    throw new OperationalError('engine', `${engine} needs the weights of the model: name its folder.`);
  // Loaded only where they are used: they take a second and 100 to 300 MB.
  if (engine === 'openvino') {
    const { createOpenVinoScorer } = await import('./openvino/openvino-scorer.js');
    return createOpenVinoScorer({ network, threads, hardware: hardwarePath !== null, screening });
  }
  const { createTensorFlowScorer } = await import('./tensorflow-scorer.js');
  return createTensorFlowScorer({ ...model, network, device });
}

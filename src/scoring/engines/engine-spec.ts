import type { Architecture } from '../../model/architecture.js';
import type { ScreenPaths } from './onnx-screen.js';

/** The engines by the names that the configuration knows them by. */
export const ENGINES = ['onnx', 'onnx-webgpu', 'openvino', 'tensorflow'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Where an engine computes. Software: a graphics driver that computes on the CPU, such as SwiftShader. */
export type EngineDevice = 'cpu' | 'gpu' | 'software';

/** The engine and device that were chosen. */
export interface EngineSpec {
  readonly engine: EngineName;
  readonly device: EngineDevice;
}

/** What a model screens with. */
export interface ScreenFiles extends ScreenPaths {
  /** Whether the learned scorer must tell of tracks, too: where the default score is made of their logits. */
  readonly tracks: boolean;
}

/** The files of a model that engines read. */
export interface ModelFiles {
  /** ONNX graph, its weights beside it. */
  readonly modelPath: string;
  /** Graph of the learned scorer of hardware, of models that have one. */
  readonly hardwarePath: string | null;
  /**
   * Graphs in int8, where tiles are to be screened: onnxruntime on the CPU runs them; OpenVINO screens in bf16
   * instead, within the bounds of these.
   */
  readonly screening?: ScreenFiles | null;
  readonly channels: number;
  readonly tileSize: number;
  /** What TensorFlow and OpenVINO build the networks of, where they may be asked to; the graphs carry both. */
  readonly network?: { readonly weightsPath: string; readonly architecture: Architecture };
}

export const ONNX_ON_CPU: EngineSpec = { engine: 'onnx', device: 'cpu' };
export const OPENVINO_ON_CPU: EngineSpec = { engine: 'openvino', device: 'cpu' };

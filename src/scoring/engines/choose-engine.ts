import { OperationalError, UsageError } from '../../domain/errors.js';
import type { EngineProbe } from './engine-probe.js';
import { ONNX_ON_CPU, OPENVINO_ON_CPU, type EngineName, type EngineSpec } from './engine-spec.js';

/** What the configuration asks for. */
export interface EngineWish {
  readonly engine: 'auto' | EngineName;
  readonly device: 'auto' | 'cpu' | 'gpu';
}

export interface EngineChoice {
  readonly spec: EngineSpec;
  /** Why this one, as the log says it. */
  readonly why: string;
  /** What takes over when the engine fails for good; null where the wish leaves no choice. */
  readonly fallback: EngineSpec | null;
}

/** How this machine is asked; tests answer for it. */
export interface EngineLooks {
  readonly showsGpu: () => boolean;
  /** Whether OpenVINO is installed. */
  readonly hasOpenVino: () => boolean;
  /** Tries an engine; it may compute on another device than it is asked for, and says so. */
  readonly probe: (spec: EngineSpec) => Promise<EngineProbe>;
}

const TENSORFLOW_GPU: EngineSpec = { engine: 'tensorflow', device: 'gpu' };
const WEBGPU: EngineSpec = { engine: 'onnx-webgpu', device: 'gpu' };
const SOFTWARE: EngineSpec = { engine: 'onnx-webgpu', device: 'software' };

/**
 * The engine to score with. `auto` takes a GPU through TensorFlow, else through WebGPU, else the CPU: through OpenVINO
 * where it is installed and the CPU has bfloat16, in which it screens faster than onnxruntime in int8, else through
 * onnxruntime. A graphics driver that computes on the CPU is no GPU, and is taken only where `onnx-webgpu` is named.
 *
 * @throws OperationalError (`no_gpu`) where a GPU is required and none is at work, and where the named engine does not
 *   work here; UsageError where engine and device exclude each other.
 */
export async function chooseEngine(wish: EngineWish, looks: EngineLooks): Promise<EngineChoice> {
  const choice = await choose(wish, looks);
  const { engine, device } = choice.spec;
  const sameDevice = wish.engine === 'auto' && device === 'cpu';
  const replaceable = engine !== 'onnx' && (wish.device === 'auto' || sameDevice);
  return { ...choice, fallback: replaceable ? ONNX_ON_CPU : null };
}

type Choice = Pick<EngineChoice, 'spec' | 'why'>;

async function choose(wish: EngineWish, looks: EngineLooks): Promise<Choice> {
  switch (wish.engine) {
    case 'onnx':
      if (wish.device === 'gpu')
        throw new UsageError(
          'scoring.engine onnx computes on the CPU only, and scoring.device is gpu: set scoring.engine to auto, tensorflow or onnx-webgpu, or scoring.device to cpu.',
        );
      return { spec: ONNX_ON_CPU, why: 'scoring.engine names it' };
    case 'openvino':
      return onOpenVino(wish, looks);
    case 'tensorflow':
      return onTensorFlow(wish, looks);
    case 'onnx-webgpu':
      return onWebGpu(wish, looks);
    case 'auto':
      return automatic(wish, looks);
  }
}

async function automatic({ device }: EngineWish, looks: EngineLooks): Promise<Choice> {
  const { showsGpu, probe } = looks;
  if (device === 'cpu') return onCpu('scoring.device is cpu', looks);
  if (device === 'auto' && !showsGpu()) return onCpu('this machine shows no GPU', looks);
  const reasons: string[] = [];
  for (const spec of [TENSORFLOW_GPU, WEBGPU]) {
    const found = await probe(spec);
    if ('device' in found && found.device === 'gpu')
      return { spec, why: ['it has a GPU at work', ...reasons].join('; ') };
    reasons.push(`${spec.engine}: ${whyNoGpu(found)}`);
  }
  if (device === 'gpu')
    throw new OperationalError(
      'no_gpu',
      `scoring.device is gpu, but no engine has one at work (${reasons.join('; ')}): repair that, or set scoring.device to auto.`,
    );
  return onCpu(`no engine has a GPU at work (${reasons.join('; ')})`, looks);
}

/** The faster engine of this CPU. @param why it is the CPU */
async function onCpu(why: string, { hasOpenVino, probe }: EngineLooks): Promise<Choice> {
  if (!hasOpenVino()) return { spec: ONNX_ON_CPU, why };
  const found = await probe(OPENVINO_ON_CPU);
  if ('reason' in found) return { spec: ONNX_ON_CPU, why: `${why}; openvino: ${found.reason}` };
  if (!found.bf16) return { spec: ONNX_ON_CPU, why: `${why}, and its CPU has no bfloat16 for OpenVINO` };
  return { spec: OPENVINO_ON_CPU, why: `${why}, and its CPU has bfloat16` };
}

async function onOpenVino({ device }: EngineWish, { probe }: EngineLooks): Promise<Choice> {
  if (device === 'gpu')
    throw new UsageError(
      'scoring.engine openvino computes on the CPU only, and scoring.device is gpu: set scoring.engine to auto, tensorflow or onnx-webgpu, or scoring.device to cpu.',
    );
  const found = await probe(OPENVINO_ON_CPU);
  if ('reason' in found) throw unusable(found);
  const screens = found.bf16 ? 'screens in bfloat16' : 'screens nothing on this CPU, which has no bfloat16';
  return { spec: OPENVINO_ON_CPU, why: `scoring.engine names it, and it ${screens}` };
}

async function onTensorFlow({ device }: EngineWish, { probe }: EngineLooks): Promise<Choice> {
  const found = await probe({ engine: 'tensorflow', device: device === 'cpu' ? 'cpu' : 'gpu' });
  if ('reason' in found) throw unusable(found);
  if (device === 'gpu' && found.device !== 'gpu') throw noGpu(found);
  const where = found.device === 'gpu' ? 'has a GPU at work' : 'has the CPU only';
  return {
    spec: { engine: 'tensorflow', device: found.device },
    why: `scoring.engine names it, and it ${where}`,
  };
}

async function onWebGpu({ device }: EngineWish, { probe }: EngineLooks): Promise<Choice> {
  if (device !== 'cpu') {
    const found = await probe(WEBGPU);
    if ('device' in found && found.device === 'gpu')
      return { spec: WEBGPU, why: 'scoring.engine names it, and it has a GPU at work' };
    if (device === 'gpu') throw noGpu(found);
  }
  const found = await probe(SOFTWARE);
  if ('reason' in found) throw unusable(found);
  return {
    spec: SOFTWARE,
    why: 'scoring.engine names it, and its graphics driver computes on the CPU, which is slow',
  };
}

function whyNoGpu(found: EngineProbe): string {
  if ('reason' in found) return found.reason;
  if (found.engine === 'tensorflow')
    return `TensorFlow ${found.version} finds the CPU only; see nvidia-smi, and build it by \`npm run engine:tensorflow -- cuda\``;
  return 'the graphics driver computes on the CPU';
}

function noGpu(found: EngineProbe): OperationalError {
  return new OperationalError(
    'no_gpu',
    `scoring.device is gpu, but ${found.engine} has none at work (${whyNoGpu(found)}): repair that, or set scoring.device to auto.`,
  );
}

/** What brings an engine back of which no reason tells it. */
const REMEDIES: Readonly<Record<EngineName, string>> = {
  onnx: 'run npm ci again',
  'onnx-webgpu': "install the GPU's Vulkan driver",
  openvino: 'run `npm run engine:openvino` again',
  tensorflow: 'run `npm run engine:tensorflow -- cpu` (or cuda) again',
};

function unusable({ engine, reason }: EngineProbe & { reason: string }): OperationalError {
  const remedy = reason.includes('npm run engine:') ? 'do so' : REMEDIES[engine];
  return new OperationalError(
    'engine_missing',
    `scoring.engine is ${engine}, which does not work here (${reason.replace(/\.$/, '')}): ${remedy}, or set scoring.engine to auto.`,
  );
}

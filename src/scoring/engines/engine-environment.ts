import { keepLittle } from './allocator.js';
import type { EngineSpec } from './engine-spec.js';

/** Manifests of Vulkan drivers that compute on the CPU, as the Vulkan loader filters them (since 1.3.234). */
const SOFTWARE_DRIVERS = '*lvp*,*swiftshader*';

/**
 * Variables that engines read when they are loaded, once for the whole process: of a copy of the environment, as
 * threads have it, they learn nothing.
 */
export function environmentOf({ engine, device }: EngineSpec): Record<string, string> {
  if (engine === 'onnx-webgpu')
    return device === 'software'
      ? { VK_LOADER_DRIVERS_SELECT: SOFTWARE_DRIVERS }
      : { VK_LOADER_DRIVERS_DISABLE: SOFTWARE_DRIVERS };
  if (engine !== 'tensorflow') return {};
  return device === 'gpu'
    ? {
        // Takes memory as it needs it, so that others have room on the GPU, and running out is an error, not the end.
        TF_FORCE_GPU_ALLOW_GROWTH: 'true',
        // 10-bit mantissas would put scores off by more than engines may differ.
        NVIDIA_TF32_OVERRIDE: '0',
      }
    : {
        // Left alone it takes a GPU where there is one.
        CUDA_VISIBLE_DEVICES: '',
        // A thread of each session, as there is a session for every core.
        TF_NUM_INTRAOP_THREADS: '1',
        TF_NUM_INTEROP_THREADS: '1',
      };
}

/** Prepares this process for an engine; call it in the main thread before the engine is loaded. */
export async function prepareProcess(spec: EngineSpec): Promise<void> {
  await keepLittle(spec);
  for (const [name, value] of Object.entries(environmentOf(spec))) process.env[name] ??= value;
}

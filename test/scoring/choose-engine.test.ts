import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OperationalError, UsageError } from '../../src/domain/errors.js';
import { chooseEngine, type EngineWish } from '../../src/scoring/engines/choose-engine.js';
import type { EngineProbe } from '../../src/scoring/engines/engine-probe.js';
import {
  ENGINES,
  ONNX_ON_CPU,
  OPENVINO_ON_CPU,
  type EngineDevice,
  type EngineSpec,
} from '../../src/scoring/engines/engine-spec.js';

/** A machine: what each engine comes to on it. */
interface Machine {
  readonly gpuFiles: boolean;
  readonly tensorflow: 'cpu' | 'gpu' | null;
  readonly webgpu: 'gpu' | 'software' | null;
  /** Installed, on a CPU with or without bfloat16; broken; or not installed. */
  readonly openvino: 'bf16' | 'fp32' | 'broken' | null;
}

const PLAIN: Machine = { gpuFiles: false, tensorflow: null, webgpu: null, openvino: null };

function choose(wish: EngineWish, machine: Machine) {
  const probed: EngineSpec[] = [];
  const probe = ({ engine, device }: EngineSpec): Promise<EngineProbe> => {
    probed.push({ engine, device });
    const found = (has: EngineDevice | null): EngineProbe =>
      has === null ? { engine, reason: 'it is not there' } : { engine, device: has, version: '1' };
    if (engine === 'onnx') return Promise.resolve(found('cpu'));
    if (engine === 'openvino') {
      const { openvino } = machine;
      const works = openvino === 'bf16' || openvino === 'fp32';
      return Promise.resolve({ ...found(works ? 'cpu' : null), ...(works && { bf16: openvino === 'bf16' }) });
    }
    if (engine === 'tensorflow')
      return Promise.resolve(
        found(machine.tensorflow === 'gpu' && device === 'cpu' ? 'cpu' : machine.tensorflow),
      );
    return Promise.resolve(found(machine.webgpu === device ? device : null));
  };
  const choice = chooseEngine(wish, {
    showsGpu: () => machine.gpuFiles,
    hasOpenVino: () => machine.openvino !== null,
    probe,
  });
  return { choice, probed };
}

const wish = (engine: EngineWish['engine'], device: EngineWish['device']): EngineWish => ({ engine, device });
const gpu = (over: Partial<Machine>): Machine => ({ ...PLAIN, gpuFiles: true, ...over });

describe('the choice of an engine', () => {
  test('is onnxruntime on the CPU, without trying any other, where the machine shows no GPU', async () => {
    const { choice, probed } = choose(wish('auto', 'auto'), { ...PLAIN, tensorflow: 'gpu' });
    expect(await choice).toMatchObject({
      spec: ONNX_ON_CPU,
      why: 'this machine shows no GPU',
      fallback: null,
    });
    expect(probed).toEqual([]);
  });

  for (const [what, machine, spec] of [
    [
      'TensorFlow before WebGPU',
      gpu({ tensorflow: 'gpu', webgpu: 'gpu' }),
      { engine: 'tensorflow', device: 'gpu' },
    ],
    [
      'WebGPU where TensorFlow has the CPU only',
      gpu({ tensorflow: 'cpu', webgpu: 'gpu' }),
      { engine: 'onnx-webgpu', device: 'gpu' },
    ],
    ['no graphics driver that computes on the CPU', gpu({ webgpu: 'software' }), ONNX_ON_CPU],
  ] as const) {
    test(`is, left to itself, ${what}`, async () => {
      const chosen = await choose(wish('auto', 'auto'), machine).choice;
      expect(chosen.spec).toEqual(spec);
      expect(chosen.fallback).toEqual(spec.device === 'gpu' ? ONNX_ON_CPU : null);
    });
  }

  test('is OpenVINO on a CPU with bfloat16 where it is installed, and onnxruntime after it', async () => {
    for (const device of ['auto', 'cpu'] as const)
      expect(
        await choose(wish('auto', device), { ...PLAIN, openvino: 'bf16', tensorflow: 'gpu' }).choice,
      ).toMatchObject({ spec: OPENVINO_ON_CPU, fallback: ONNX_ON_CPU });
  });

  test('leaves OpenVINO where it does not run or its CPU has no bfloat16, and says so', async () => {
    for (const [openvino, why] of [
      ['fp32', 'this machine shows no GPU, and its CPU has no bfloat16 for OpenVINO'],
      ['broken', 'this machine shows no GPU; openvino: it is not there'],
    ] as const)
      expect(await choose(wish('auto', 'auto'), { ...PLAIN, openvino }).choice).toMatchObject({
        ...{ spec: ONNX_ON_CPU, why, fallback: null },
      });
  });

  test('takes a graphics driver that computes on the CPU where WebGPU is named', async () => {
    for (const device of ['auto', 'cpu'] as const)
      expect((await choose(wish('onnx-webgpu', device), gpu({ webgpu: 'software' })).choice).spec).toEqual({
        engine: 'onnx-webgpu',
        device: 'software',
      });
  });

  test('names in one sentence what hinders each engine where a GPU is required', async () => {
    const { choice } = choose(wish('auto', 'gpu'), gpu({ tensorflow: 'cpu' }));
    await expect(choice).rejects.toThrow(
      'scoring.device is gpu, but no engine has one at work (tensorflow: TensorFlow 1 finds the CPU only; see nvidia-smi, and build it by `npm run engine:tensorflow -- cuda`; onnx-webgpu: it is not there): repair that, or set scoring.device to auto.',
    );
  });

  test('refuses onnxruntime and OpenVINO on a GPU as a contradiction', async () => {
    for (const engine of ['onnx', 'openvino'] as const)
      await expect(choose(wish(engine, 'gpu'), gpu({ openvino: 'bf16' })).choice).rejects.toThrow(UsageError);
  });

  const machines = fc.record({
    gpuFiles: fc.boolean(),
    tensorflow: fc.constantFrom('cpu' as const, 'gpu' as const, null),
    webgpu: fc.constantFrom('gpu' as const, 'software' as const, null),
    openvino: fc.constantFrom('bf16' as const, 'fp32' as const, 'broken' as const, null),
  });
  const wishes = fc.record({
    engine: fc.constantFrom('auto' as const, ...ENGINES),
    device: fc.constantFrom('auto' as const, 'cpu' as const, 'gpu' as const),
  });

  test('is never a CPU where a GPU is required, and never a GPU where the CPU is', async () => {
    await fc.assert(
      fc.asyncProperty(wishes, machines, async (asked, machine) => {
        try {
          const { spec, fallback } = await choose(asked, machine).choice;
          if (asked.device === 'gpu') expect(spec.device).toBe('gpu');
          if (asked.device === 'cpu') expect(spec.device).not.toBe('gpu');
          if (asked.engine !== 'auto') expect(spec.engine).toBe(asked.engine);
          if (asked.device !== 'auto' && asked.engine !== 'auto') expect(fallback).toBeNull();
          if (asked.device !== 'auto' && spec.device !== 'cpu') expect(fallback).toBeNull();
        } catch (error) {
          if (!(error instanceof UsageError)) expect(error).toBeInstanceOf(OperationalError);
          // What needs nothing always works.
          expect(asked).not.toMatchObject({ engine: 'auto', device: 'auto' });
          expect(asked).not.toMatchObject({ engine: 'auto', device: 'cpu' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

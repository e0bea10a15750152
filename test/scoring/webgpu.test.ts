import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { STARTER } from '../support/starter.js';
import { NO_VULKAN, softwareVulkan } from '../support/vulkan.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { referenceTiles } from '../../src/model/reference-tiles.js';
import { createScorer } from '../../src/scoring/engines/create-scorer.js';
import { ONNX_ON_CPU } from '../../src/scoring/engines/engine-spec.js';

const env = softwareVulkan();
const dist = new URL('../../dist/', import.meta.url).href;
/** A driver on the CPU needs seconds for a tile. */
const COUNT = 2;
const AREA = 64 * 64;

/** Runs a module's text in a process of its own, since drivers are loaded once; gives the JSON it prints last. */
async function run(script: string, more: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const text = `const from = (path) => import(${JSON.stringify(dist)} + path);\n${script}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', text], {
    env: { ...env, ...more },
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe('WebGPU on a Vulkan driver that computes on the CPU', () => {
  test('gives what onnxruntime gives on the CPU, within 1e-4', async (context) => {
    if (env === null) return context.skip(NO_VULKAN);
    const model = await loadModelFolder(STARTER);
    const files = { modelPath: model.onnxPath, hardwarePath: model.hardwarePath, channels: 1, tileSize: 64 };
    const found = (await run(`
      const { createScorer } = await from('scoring/engines/create-scorer.js');
      const { referenceTiles } = await from('model/reference-tiles.js');
      const scorer = await createScorer({ engine: 'onnx-webgpu', device: 'software' }, ${JSON.stringify(files)}, 1);
      const { pixels, valid } = referenceTiles(1);
      const count = ${COUNT};
      const named = await scorer.explain({ count, pixels, valid });
      const logits = await scorer.hardware({ count: 1, pixels, octants: Float32Array.of(0.5) });
      const plain = Object.entries({ ...named, ...logits }).map(([name, values]) => [name, Array.from(values)]);
      console.log(JSON.stringify({ info: scorer.info, ...Object.fromEntries(plain) }));
      process.exit(0);
    `)) as Record<string, number[]> & { info: object };
    expect(found.info).toMatchObject({ engine: 'onnxruntime-webgpu', device: 'software' });
    const onnx = await createScorer(ONNX_ON_CPU, files, 1);
    const { pixels, valid } = referenceTiles(1);
    const named = await onnx.explain({ count: COUNT, pixels, valid });
    const logits = await onnx.hardware!({
      count: 1,
      pixels: pixels.subarray(0, AREA),
      octants: Float32Array.of(0.5),
    });
    await onnx.close();
    for (const [name, values] of Object.entries({ ...named, ...logits })) {
      const expected = Array.from(values);
      const scale = Math.max(...expected.map(Math.abs));
      const off = expected.map((value, i) => Math.abs(found[name]![i]! - value) / scale);
      expect(found[name], name).toHaveLength(expected.length);
      expect(Math.max(...off), name).toBeLessThan(1e-4);
    }
  });

  test('is not taken for a GPU', async (context) => {
    if (env === null) return context.skip(NO_VULKAN);
    const probes = (await run(`
      const { probeEngine } = await from('scoring/engines/engine-probe.js');
      const probe = (device) => probeEngine({ engine: 'onnx-webgpu', device });
      console.log(JSON.stringify([await probe('gpu'), await probe('software')]));
    `)) as object[];
    expect(probes).toMatchObject([
      { reason: 'no driver offers it a graphics adapter' },
      { engine: 'onnx-webgpu', device: 'software' },
    ]);
  });

  test('by a loader that cannot leave it out, is not taken for a GPU either', async (context) => {
    if (env === null) return context.skip(NO_VULKAN);
    const probe = (await run(
      `
      const { probeEngine } = await from('scoring/engines/engine-probe.js');
      console.log(JSON.stringify(await probeEngine({ engine: 'onnx-webgpu', device: 'gpu' })));
    `,
      { VK_LOADER_DRIVERS_DISABLE: 'nothing' },
    )) as object;
    expect(probe).toMatchObject({ device: 'software' });
  });
});

test('an engine that is tried and crashes its process is of no use, and says so', async () => {
  const { probeEngine } = await import('../../src/scoring/engines/engine-probe.js');
  expect(await probeEngine({ engine: 'onnx', device: 'cpu' })).toMatchObject({ device: 'cpu' });
  const options = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = '--import=data:text/javascript,process.abort()';
  try {
    expect(await probeEngine({ engine: 'onnx', device: 'cpu' })).toEqual({
      engine: 'onnx',
      reason: 'it ended the process that tried it (SIGABRT)',
    });
  } finally {
    if (options === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = options;
  }
});

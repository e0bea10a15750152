import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { writeScenePtif } from '../harness/scene.js';

/** The first seconds of a scan load engines and compile kernels. */
const WARM_S = 5;

/** Share of the time of a scan in which the GPU works, by nvidia-smi every 200 ms; null where that is not there. */
export async function busyShare({ engine }: EngineSpec, lines: number): Promise<number | null> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gpu-'));
  try {
    const path = join(folder, 'M1000000000LC.tif');
    await writeScenePtif(path, lines);
    return await watchScan(path, engine);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function watchScan(path: string, engine: string): Promise<number | null> {
  const query = ['--query-gpu=utilization.gpu', '--format=csv,noheader,nounits', '--loop-ms=200'];
  const smi = spawn('nvidia-smi', query, { stdio: ['ignore', 'pipe', 'ignore'] });
  const missing = new Promise<boolean>((resolve) => smi.once('error', () => resolve(true)));
  const samples: { at: number; percent: number }[] = [];
  const started = performance.now();
  smi.stdout.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n'))
      samples.push({ at: (performance.now() - started) / 1000, percent: Number(line) });
  });
  const options = ['scan', path, '--sun', '90', '--json', '--engine', engine, '--device', 'gpu'];
  const scan = spawn(process.execPath, ['bin/selenoscan.js', ...options], { stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve) => scan.once('close', resolve));
  smi.kill();
  if (code !== 0) throw new Error(`selenoscan scan on the GPU ended with ${code}.`);
  if (await Promise.race([missing, Promise.resolve(false)])) return null;
  const warm = samples.filter(({ at }) => at > WARM_S);
  return warm.reduce((sum, { percent }) => sum + percent, 0) / warm.length / 100;
}

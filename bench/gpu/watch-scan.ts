import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { writeScenePtif } from '../harness/scene.js';

/** The first seconds of a scan load engines and compile kernels. */
const WARM_S = 5;

export interface WatchedScan {
  readonly tilesPerS: number;
  /** Share of the time in which the GPU works, by nvidia-smi every 200 ms; null where that is not there. */
  readonly busyShare: number | null;
}

/** Scans a synthetic image on the GPU, with the start of the process. */
export async function watchScan({ engine }: EngineSpec, lines: number): Promise<WatchedScan> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gpu-'));
  try {
    const path = join(folder, 'M1000000000LC.tif');
    await writeScenePtif(path, lines);
    return await scanOf(path, engine);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function scanOf(path: string, engine: string): Promise<WatchedScan> {
  const query = ['--query-gpu=utilization.gpu', '--format=csv,noheader,nounits', '--loop-ms=200'];
  const smi = spawn('nvidia-smi', query, { stdio: ['ignore', 'pipe', 'ignore'] });
  // Where it is missing it gives no sample.
  smi.once('error', () => undefined);
  const samples: { at: number; percent: number }[] = [];
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  smi.stdout.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n'))
      samples.push({ at: seconds(), percent: Number(line) });
  });
  const options = ['scan', path, '--sun', '90', '--json', '--engine', engine, '--device', 'gpu'];
  const scan = spawn(process.execPath, ['bin/selenoscan.js', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answer = '';
  scan.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => scan.once('close', resolve));
  const took = seconds();
  smi.kill();
  if (code !== 0) throw new Error(`selenoscan scan on the GPU ended with ${code}.`);
  const { images } = JSON.parse(answer) as { images: { tiles: number }[] };
  const warm = samples.filter(({ at }) => at > WARM_S);
  const busy = warm.reduce((sum, { percent }) => sum + percent, 0) / warm.length / 100;
  return { tilesPerS: images[0]!.tiles / took, busyShare: warm.length === 0 ? null : busy };
}

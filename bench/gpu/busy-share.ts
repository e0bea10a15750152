import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { planScene } from '../../src/simulation/scene.js';
import { writePtif } from '../../src/simulation/write-ptif.js';

const WIDTH = 5064;
const SCENE_LINES = 2048;
/** The first seconds of a scan load engines and compile kernels. */
const WARM_S = 5;

/** Share of the time of a scan in which the GPU works, by nvidia-smi every 200 ms; null where that is not there. */
export async function busyShare({ engine }: EngineSpec, lines: number): Promise<number | null> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gpu-'));
  try {
    const path = join(folder, 'M1000000000LC.tif');
    const scene = planScene({
      ...{ seed: 1, lines: SCENE_LINES, samples: WIDTH, terrain: 'smooth', landers: 5, frame: 'LEFT' },
      ...{ towardsSun: { x: 0.8, y: 0.6 }, incidenceDeg: 60, pixelAcrossM: 1, pixelAlongM: 1 },
    });
    const picture = scene.render(0, SCENE_LINES);
    await writePtif(path, { width: WIDTH, height: lines }, (firstLine, count) => {
      const band = new Uint8Array(count * WIDTH);
      for (let i = 0; i < count; i++) {
        const from = ((firstLine + i) % SCENE_LINES) * WIDTH;
        band.set(picture.subarray(from, from + WIDTH), i * WIDTH);
      }
      return band;
    });
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

/**
 * Steps of training a second: `selenoscan train`'s own step on tfjs-node against PyTorch in single precision, in
 * turns, on the same tiles, with as many threads, and where ours spends its time. One batch is cut, turned, run
 * forward and backward, and given to Adam.
 *
 * Usage: npm run bench -- training/step [--size small|full] [--rounds N] [--steps N] [--batch N]
 *        [--threads N] [--json]
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRandom } from '../../src/domain/random.js';
import { initialWeights } from '../../src/model/initial-weights.js';
import { loadTensorFlow } from '../../src/model/tensorflow.js';
import { type Architecture, TILE_SIZE } from '../../src/model/architecture.js';
import { Vae } from '../../src/model/vae.js';
import { FusedAdam } from '../../src/training/fused-adam.js';
import { TRAINING_STAGES, type TrainingStage, trainStep } from '../../src/training/train-epoch.js';
import { benchCache } from '../harness/cache.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, note, wholeNumber } from '../harness/options.js';
import { publish } from '../harness/result.js';
import {
  busyRounds,
  type Contestant,
  type Measurement,
  medianOf,
  rateOf,
  runRounds,
  speedRatio,
} from '../harness/rounds.js';
import type { Ratio } from '../harness/statistics.js';
import { pythonWith, versionsIn } from '../peers/python-venv.js';

const ARCHITECTURE: Architecture = { family: 'vae', channels: 3, latent: 64 };
const BETA = 0.1;
const TILES = 512;
/** PyTorch's ways; the first is how most people run it. */
const TORCH = {
  torch_eager: { channels_last: false, fused_adam: false },
  torch_channels_last: { channels_last: true, fused_adam: false },
  torch_fused_adam: { channels_last: true, fused_adam: true },
};
const WARM_UP_STEPS = 2;

const { size, json, rounds, own } = benchOptions({ small: 1, full: 6 }, ['steps', 'batch', 'threads']);
const steps = wholeNumber('--steps', own['steps'] ?? (size === 'small' ? '2' : '8'));
const batch = wholeNumber('--batch', own['batch'] ?? '64');
/** With one, time of the CPU compares where others use the machine too; idle threads of PyTorch spin. */
const threads = wholeNumber('--threads', own['threads'] ?? String(availableParallelism()));
process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
const notes: Record<string, string> = {
  batch: `${batch} tiles of ${ARCHITECTURE.channels} channels`,
  threads: String(threads),
};
const closing: (() => void)[] = [];
const pixels = somePixels();
const stages = Object.fromEntries(TRAINING_STAGES.map((stage) => [stage, 0])) as Record<
  TrainingStage,
  number
>;
let counted = 0;

try {
  const contestants = [await ours(), ...(await torches())];
  const measured = await runRounds(contestants, rounds, 600, note);
  publish(resultOf(contestants, measured), json);
} finally {
  for (const close of closing) close();
}

function resultOf(contestants: readonly Contestant[], measured: readonly Measurement[]) {
  const figures: Record<string, number> = {};
  const ratios: Record<string, Ratio> = {};
  for (const { name } of contestants) {
    figures[`${name}_tiles_per_s`] = rateOf(measured, name);
    figures[`${name}_tiles_per_cpu_s`] = medianOf(measured, name, (one) => one.work / one.cpuSeconds);
    if (name === 'ours') continue;
    ratios[`ours_vs_${name}`] = speedRatio(measured, 'ours', name);
    const byCpu = measured.map((one) => ({ ...one, seconds: one.cpuSeconds }));
    ratios[`ours_vs_${name}_by_cpu_time`] = speedRatio(byCpu, 'ours', name);
  }
  for (const stage of TRAINING_STAGES) figures[`${stage}_ms`] = stages[stage] / counted;
  const found = pythonWith(['torch', 'numpy']);
  return {
    bench: ['training-step', ...(batch === 64 ? [] : [batch]), ...(threads === 1 ? ['one-thread'] : [])].join(
      '-',
    ),
    machine: machineFacts('missing' in found ? {} : versionsIn(found.python, ['torch', 'numpy'])),
    command: `npm run bench -- training/step --batch ${batch} --threads ${threads}`,
    date: new Date().toISOString().slice(0, 10),
    ...{ size, figures, ratios, notes },
    rounds: new Set(measured.map(({ round }) => round)).size,
    busy_rounds: busyRounds(measured),
  };
}

/** Noise of 8 bits: what a step costs does not depend on what it sees. */
function somePixels(): Uint8Array {
  const random = createRandom(3);
  const count = TILES * TILE_SIZE * TILE_SIZE * ARCHITECTURE.channels;
  return new Uint8Array(count).map(() => random.integer(256));
}

async function ours(): Promise<Contestant> {
  const tf = await loadTensorFlow();
  const vae = new Vae(tf, ARCHITECTURE, initialWeights(ARCHITECTURE, 1));
  const optimizer = new FusedAdam(tf, vae);
  const random = createRandom(5);
  const { channels, latent } = ARCHITECTURE;
  const height = TILES * TILE_SIZE;
  const image = { name: 'noise', width: TILE_SIZE, height, channels, pixels, exactNulls: false };
  let last = 0;
  const onStage = (stage: TrainingStage): void => {
    const now = performance.now();
    stages[stage] += now - last;
    last = now;
  };
  const objective = { loss: 'squared', beta: BETA } as const;
  const trainer = { tf, vae, optimizer, random, objective, latent, onStage, augment: 'rotations' } as const;
  const take = (count: number): void => {
    for (let i = 0; i < count; i++) {
      last = performance.now();
      const tiles = Array.from({ length: batch }, () => ({
        ...{ image, x: 0 },
        y: TILE_SIZE * random.integer(TILES),
      }));
      trainStep(trainer, tiles, 1e-4);
    }
  };
  take(WARM_UP_STEPS);
  for (const stage of TRAINING_STAGES) stages[stage] = 0;
  const run = (): Promise<number> => {
    take(steps);
    counted += steps;
    return Promise.resolve(steps * batch);
  };
  return { name: 'ours', run };
}

async function torches(): Promise<Contestant[]> {
  const found = pythonWith(['torch', 'numpy']);
  if ('missing' in found) {
    notes['torch'] = `not measured: ${found.missing}`;
    return [];
  }
  const file = join(benchCache('tasks'), `${process.pid}.tiles`);
  writeFileSync(file, pixels);
  const contestants: Contestant[] = [];
  for (const [name, way] of Object.entries(TORCH)) {
    const task = join(benchCache('tasks'), `${process.pid}-${name}.json`);
    const { channels, latent } = ARCHITECTURE;
    writeFileSync(
      task,
      JSON.stringify({ pixels: file, channels, latent, batch, beta: BETA, threads, ...way }),
    );
    const child = spawn(found.python, ['bench/peers/serve_training.py', task], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    closing.push(() => child.kill());
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const answer = async (): Promise<{ tiles: number }> => {
      const next = (await answers.next()) as IteratorResult<string, undefined>;
      if (next.done === true) throw new Error(`${name} ended; see above.`);
      return JSON.parse(next.value) as { tiles: number };
    };
    await answer();
    const take = async (count: number): Promise<number> => {
      child.stdin.write(`${JSON.stringify({ steps: count })}\n`);
      return (await answer()).tiles;
    };
    await take(WARM_UP_STEPS);
    contestants.push({ name, run: () => take(steps) });
  }
  return contestants;
}

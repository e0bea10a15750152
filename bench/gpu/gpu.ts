/**
 * Tiles a second on a GPU: our engines against PyTorch CUDA with its best settings (torch.compile, channels_last,
 * bf16, fp16 or fp32), in turns in one run, and how busy the GPU is while an image is scanned. Without a GPU it says
 * so in one sentence and ends with 1.
 *
 * Usage: npm run bench:gpu -- [--rounds 5] [--seconds 5] [--batch 512] [--lines 8192] [--json]
 * PyTorch: python3 -m venv .venv && .venv/bin/pip install torch numpy, then SELENOSCAN_PYTHON=.venv/bin/python.
 */
import { parseArgs } from 'node:util';
import { probeEngine } from '../../src/scoring/engines/engine-probe.js';
import type { EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { machineFacts } from '../harness/machine.js';
import { note, readOptions, wholeNumber } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { measureRates, resultOf } from './measure.js';
import { openOurs, type Runner } from './our-engines.js';
import { openTorch } from './torch-runner.js';
import { watchScan } from './watch-scan.js';

const GPUS: readonly EngineSpec[] = [
  { engine: 'tensorflow', device: 'gpu' },
  { engine: 'onnx-webgpu', device: 'gpu' },
];
const PRECISIONS = ['bf16', 'fp16', 'fp32'] as const;

async function main(): Promise<void> {
  const { rounds, seconds, batch, lines, json } = givenOptions();
  const usable: EngineSpec[] = [];
  const reasons: string[] = [];
  for (const spec of GPUS) {
    const found = await probeEngine(spec);
    if ('device' in found && found.device === 'gpu') usable.push(spec);
    else reasons.push(`${spec.engine}: ${'reason' in found ? found.reason : 'it has the CPU only'}`);
  }
  const [first] = usable;
  if (first === undefined) {
    console.error(
      `Nothing was measured: no engine has a GPU at work on this machine (${reasons.join('; ')}).`,
    );
    process.exitCode = 1;
    return;
  }
  const runners: Runner[] = [];
  let rates: ReadonlyMap<string, readonly number[]>;
  try {
    for (const spec of usable) runners.push(await openOurs(spec, batch));
    for (const precision of PRECISIONS) runners.push(await openTorch(batch, precision));
    rates = await measureRates(runners, rounds, seconds, note);
  } finally {
    for (const runner of runners) await runner.close();
  }
  const scan = await watchScan(first, lines);
  const ours = usable.map(({ engine }) => engine);
  const theirs = PRECISIONS.map((precision) => `torch_${precision}`);
  const about = {
    machine: machineFacts(),
    date: new Date().toISOString(),
    command: 'npm run bench:gpu',
    rounds,
  };
  publish(resultOf(about, { rates, scan }, ours, theirs), json);
}

function givenOptions() {
  return readOptions(() => {
    const { values: o } = parseArgs({
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '5' },
        batch: { type: 'string', default: '512' },
        lines: { type: 'string', default: '8192' },
        json: { type: 'boolean', default: false },
      },
    });
    return {
      rounds: wholeNumber('--rounds', o.rounds),
      seconds: wholeNumber('--seconds', o.seconds),
      batch: wholeNumber('--batch', o.batch),
      lines: wholeNumber('--lines', o.lines),
      json: o.json,
    };
  });
}

await main();

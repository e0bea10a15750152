/**
 * Tiles a second on a GPU: our engines against PyTorch CUDA with its best settings (torch.compile, channels_last,
 * bf16, fp16 or fp32), interleaved in one run, and how busy the GPU is while an image is scanned. Without a GPU it says
 * so in one sentence and ends with 1.
 *
 * Usage: npm run bench:gpu -- [--rounds 5] [--seconds 5] [--batch 512] [--lines 8192] [--json]
 * PyTorch: python3 -m venv .venv && .venv/bin/pip install torch numpy, then SELENOSCAN_PYTHON=.venv/bin/python.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { probeEngine } from '../../src/scoring/engines/engine-probe.js';
import type { EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { busyShare } from './busy-share.js';
import { openOurs, type Runner } from './our-engines.js';
import { openTorch } from './torch-runner.js';

const GPUS: readonly EngineSpec[] = [
  { engine: 'tensorflow', device: 'gpu' },
  { engine: 'onnx-webgpu', device: 'gpu' },
];
const PRECISIONS = ['bf16', 'fp16', 'fp32'] as const;

const { values: o } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    batch: { type: 'string', default: '512' },
    lines: { type: 'string', default: '8192' },
    json: { type: 'boolean', default: false },
  },
});

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
};

async function main(): Promise<number> {
  const usable: EngineSpec[] = [];
  const reasons: string[] = [];
  for (const spec of GPUS) {
    const found = await probeEngine(spec);
    if ('device' in found && found.device === 'gpu') usable.push(spec);
    else reasons.push(`${spec.engine}: ${'reason' in found ? found.reason : 'it has the CPU only'}`);
  }
  if (usable.length === 0) {
    const why = `Nothing was measured: no engine has a GPU at work on this machine (${reasons.join('; ')}).`;
    console.error(why);
    if (o.json)
      console.log(
        JSON.stringify({ bench: 'gpu', machine: machine(), not_measured: why, figures: {}, ratios: {} }),
      );
    return 1;
  }
  const batch = Number(o.batch);
  const runners: Runner[] = [];
  try {
    for (const spec of usable) runners.push(await openOurs(spec, batch));
    for (const precision of PRECISIONS) runners.push(await openTorch(batch, precision));
    const rates = new Map(runners.map(({ name }) => [name, [] as number[]]));
    for (let round = 0; round < Number(o.rounds); round++)
      for (const runner of runners) rates.get(runner.name)!.push(await runner.run(Number(o.seconds)));
    for (const runner of runners) await runner.close();
    const busy = await busyShare(usable[0]!, Number(o.lines));
    print(usable, rates, busy);
    return 0;
  } finally {
    for (const runner of runners) await runner.close();
  }
}

function print(
  usable: readonly EngineSpec[],
  rates: ReadonlyMap<string, number[]>,
  busy: number | null,
): void {
  const figures: Record<string, number> = {};
  for (const [name, values] of rates) figures[`${name}_tiles_per_s`] = median(values);
  if (busy !== null) figures['gpu_busy_share'] = busy;
  const torch = PRECISIONS.map((precision) => `torch_${precision}`);
  const best = torch.reduce((a, b) => (median(rates.get(a)!) >= median(rates.get(b)!) ? a : b));
  const ratios: Record<string, { median: number; low: number; high: number }> = {};
  for (const { engine } of usable) {
    const each = rates.get(engine)!.map((rate, round) => rate / rates.get(best)![round]!);
    ratios[`${engine}_vs_torch_best`] = {
      median: median(each),
      low: Math.min(...each),
      high: Math.max(...each),
    };
  }
  if (o.json) {
    console.log(JSON.stringify({ bench: 'gpu', machine: machine(), torch_best: best, figures, ratios }));
    return;
  }
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(32)} ${value.toFixed(2)}`);
  for (const [name, { median: middle, low, high }] of Object.entries(ratios))
    console.log(
      `${name.padEnd(32)} ${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}), best: ${best}`,
    );
}

function machine(): string {
  return `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`;
}

process.exitCode = await main();

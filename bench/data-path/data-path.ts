/**
 * What one core does besides the networks: decoding an image by strips, and scoring its tiles with networks that
 * answer at once. By CPU time of all threads, which others' work on the machine disturbs least.
 *
 * Usage: npm run bench -- data-path [--size small|full] [--rounds N] [--lines N] [--strip-rows N] [--json]
 */
import type { Strip } from '../../src/domain/raster.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import { SCORE_HALO } from '../../src/scoring/strip-job.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { planGrid } from '../../src/tiling/grid.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { planStrips } from '../../src/tiling/strips.js';
import { configSchema } from '../../src/config/schema.js';
import { examplePtif } from '../decode/example-ptif.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, wholeNumber } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { median } from '../harness/statistics.js';

const BATCH = 64;
const SIZE = 64;

const { size, json, rounds, own } = benchOptions({ small: 1, full: 5 }, ['lines', 'strip-rows']);
const lines =
  own['lines'] === undefined ? (size === 'small' ? 1024 : 8192) : wholeNumber('--lines', own['lines']);
const tileRows =
  own['strip-rows'] === undefined
    ? configSchema.parse({}).scoring.strip_rows
    : wholeNumber('--strip-rows', own['strip-rows']);

/** Networks without work: the arrays that the real ones would fill. */
function instantScorer(): Scorer {
  const scores = {
    l2: new Float32Array(BATCH).fill(1),
    muNorm: new Float32Array(BATCH).fill(1),
    bright: new Float32Array(BATCH).fill(0.1),
    reconstruction: new Float32Array(BATCH * SIZE * SIZE).fill(0.4),
  };
  const logits = { bodies: new Float32Array(BATCH * 512).fill(-9), tracks: new Float32Array(BATCH * 64) };
  return {
    info: { engine: 'none', device: 'cpu', version: '0' },
    score: () => Promise.resolve(scores),
    explain: () => Promise.resolve({ ...scores, mu: new Float32Array(BATCH) }),
    hardware: () => Promise.resolve(logits),
    close: () => Promise.resolve(),
  };
}

interface Pass {
  readonly tiles: number;
  /** CPU time. */
  readonly decodeSeconds: number;
  readonly scoreSeconds: number;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function pass(path: string): Promise<Pass> {
  const raster = await openRaster(path);
  const grid = planGrid(raster.info, { size: SIZE, strideX: 32, strideY: 32 });
  const plans = planStrips(grid, raster.info.height, { tileRows, halo: SCORE_HALO });
  const started = cpuSeconds();
  const strips: Strip[] = [];
  for await (const strip of raster.strips(plans.map((plan) => plan.range))) strips.push(strip);
  const decoded = cpuSeconds();
  const scorer = new StripScorer(instantScorer(), { channels: 1, batch: BATCH });
  let tiles = 0;
  for (const [i, strip] of strips.entries()) {
    const parts = await scorer.score({
      strip,
      plan: plans[i]!,
      grid,
      imageWidth: raster.info.width,
      imageHeight: raster.info.height,
      shadow: { x: -0.8, y: -0.6 },
      masks: DEFAULT_MASKS,
    });
    tiles += parts.count;
  }
  const scored = cpuSeconds();
  await raster.close();
  return { tiles, decodeSeconds: decoded - started, scoreSeconds: scored - decoded };
}

const path = await examplePtif(lines, 'jpeg');
const passes: Pass[] = [];
for (let i = 0; i <= rounds; i++) passes.push(await pass(path));
// The first pass compiles the code.
const measured = passes.slice(1);
const rate = (value: (one: Pass) => number): number => median(measured.map(value));
publish(
  {
    bench: 'data-path',
    machine: machineFacts(),
    command: 'npm run bench -- data-path',
    date: new Date().toISOString().slice(0, 10),
    size,
    rounds,
    busy_rounds: 0,
    figures: {
      lines,
      strip_rows: tileRows,
      decode_mpx_per_cpu_s: rate((one) => (5064 * lines) / one.decodeSeconds / 1e6),
      tiles_per_cpu_s_without_networks: rate((one) => one.tiles / one.scoreSeconds),
    },
    ratios: {},
    notes: {},
  },
  json,
);

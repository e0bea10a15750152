/**
 * What one core does besides the networks: decoding an image by strips, and scoring its tiles with networks that
 * answer at once. By CPU time of all threads, which others' work on the machine disturbs least.
 *
 * With `--functions N` it also tells in which functions the time of scoring went, the N longest and the sum of the rest.
 *
 * Usage: npm run bench -- data-path [--size small|full] [--rounds N] [--lines N] [--strip-rows N] [--functions N] [--json]
 */
import { openRaster } from '../../src/raster/open-raster.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import { SCORE_HALO, type StripJob } from '../../src/scoring/strip-job.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { planGrid } from '../../src/tiling/grid.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { planStrips } from '../../src/tiling/strips.js';
import { configSchema } from '../../src/config/schema.js';
import { examplePtif } from '../decode/example-ptif.js';
import { cpuProfile } from '../harness/cpu-profile.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, wholeNumber } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { median } from '../harness/statistics.js';

const BATCH = 64;
const SIZE = 64;

const { size, json, rounds, own } = benchOptions({ small: 1, full: 5 }, ['lines', 'strip-rows', 'functions']);
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

interface Cut {
  readonly jobs: readonly StripJob[];
  readonly decodeSeconds: number;
}

/** Decodes an image by strips. */
async function cut(path: string): Promise<Cut> {
  const raster = await openRaster(path);
  const { width: imageWidth, height: imageHeight } = raster.info;
  const grid = planGrid(raster.info, { size: SIZE, strideX: 32, strideY: 32 });
  const plans = planStrips(grid, imageHeight, { tileRows, halo: SCORE_HALO });
  const image = { grid, imageWidth, imageHeight, shadow: { x: -0.8, y: -0.6 }, masks: DEFAULT_MASKS };
  const jobs: StripJob[] = [];
  const started = cpuSeconds();
  for await (const strip of raster.strips(plans.map((plan) => plan.range)))
    jobs.push({ ...image, strip, plan: plans[jobs.length]! });
  const decodeSeconds = cpuSeconds() - started;
  await raster.close();
  return { jobs, decodeSeconds };
}

/** @returns how many tiles were scored */
async function score(jobs: readonly StripJob[]): Promise<number> {
  const scorer = new StripScorer(instantScorer(), { channels: 1, batch: BATCH });
  let tiles = 0;
  for (const job of jobs) tiles += (await scorer.score(job)).count;
  return tiles;
}

async function pass(path: string): Promise<Pass> {
  const { jobs, decodeSeconds } = await cut(path);
  const started = cpuSeconds();
  const tiles = await score(jobs);
  return { tiles, decodeSeconds, scoreSeconds: cpuSeconds() - started };
}

async function printFunctions(path: string, count: number): Promise<void> {
  const { jobs } = await cut(path);
  let tiles = 0;
  const started = cpuSeconds();
  const times = await cpuProfile(async () => {
    tiles = await score(jobs);
  });
  const cpuUs = (1e6 * (cpuSeconds() - started)) / tiles;
  const print = (us: number, name: string): void => console.error(`${us.toFixed(2).padStart(8)}  ${name}`);
  const sum = (some: typeof times): number => some.reduce((total, { seconds }) => total + seconds, 0);
  // Others on the machine stretch the clock's time evenly: the CPU's is shared out by it.
  const inUs = (some: typeof times): number => (cpuUs * sum(some)) / sum(times);
  print(cpuUs, 'us of CPU time a tile, of which in');
  for (const one of times.slice(0, count)) print(inUs([one]), one.name);
  print(inUs(times.slice(count)), 'the rest');
}

const path = await examplePtif(lines, 'jpeg');
const passes: Pass[] = [];
for (let i = 0; i <= rounds; i++) passes.push(await pass(path));
// The first pass compiles the code.
const measured = passes.slice(1);
const functions = own['functions'];
if (functions !== undefined) await printFunctions(path, wholeNumber('--functions', functions));
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

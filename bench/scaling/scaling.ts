/**
 * How the cost of `selenoscan scan` grows: with the workers, with the image's lines and with the number of tiles, the
 * last two fitted by a line; and whether memory stays where it is. Each scan is a process of its own.
 *
 * Usage: npm run bench -- scaling [--size small|full] [--rounds N] [--json]
 */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { benchCache } from '../harness/cache.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, note } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { busyRounds, medianOf, runRounds, speedRatio, type Contestant } from '../harness/rounds.js';
import { SUN_AZIMUTH_DEG, writeScenePtif } from '../harness/scene.js';
import { linearFit, median } from '../harness/statistics.js';
import { watched } from '../scan/watched.js';

const { size, json, rounds } = benchOptions({ small: 1, full: 2 });
const BUDGET_S = 330;
const WORKERS = size === 'small' ? [1, 2] : [1, 2, 4, 8];
const LINES = size === 'small' ? [256, 512, 1024] : [8192, 16_384, 32_768, 52_224];
/** Tiles grow with the inverse square of it. */
const STRIDES = size === 'small' ? [64, 48, 40] : [64, 48, 36, 28, 24];
const WIDE_STRIDE = 64;
/** Of these sizes every image has more than the 4,000 tiles that are scored in fp32 in any. */
const FEW_LINES = size === 'small' ? 256 : 4096;
const WORKER_LINES = size === 'small' ? 256 : 16_384;

const peaks = new Map<string, number[]>();
const tiles = new Map<string, number>();
const contestants: Contestant[] = [
  ...WORKERS.map((workers) => scanOf(`workers_${workers}`, WORKER_LINES, 40, workers)),
  ...LINES.map((lines) => scanOf(`lines_${lines}`, lines, WIDE_STRIDE)),
  ...STRIDES.map((stride) => scanOf(`stride_${stride}`, FEW_LINES, stride)),
];
for (const lines of new Set([...LINES, FEW_LINES, WORKER_LINES])) await image(lines);
const measured = await runRounds(contestants, rounds, BUDGET_S, note);

const seconds = (name: string): number => medianOf(measured, name, (one) => one.seconds);
const figures: Record<string, number> = {};
for (const { name } of contestants) {
  figures[`${name}_s`] = seconds(name);
  figures[`${name}_tiles`] = tiles.get(name)!;
  figures[`${name}_peak_mb`] = median(peaks.get(name)!);
}
const byLines = linearFit(LINES.map((lines) => [lines, seconds(`lines_${lines}`)]));
const byTiles = linearFit(
  STRIDES.map((stride) => [tiles.get(`stride_${stride}`)!, seconds(`stride_${stride}`)]),
);
const memory = linearFit(LINES.map((lines) => [lines / 1000, figures[`lines_${lines}_peak_mb`]!]));
Object.assign(figures, {
  lines_r2: byLines.r2,
  s_per_1000_lines: 1000 * byLines.slope,
  tiles_r2: byTiles.r2,
  tiles_per_s: 1 / byTiles.slope,
  start_s: byTiles.intercept,
  peak_mb_per_1000_lines: memory.slope,
});
const [least, most] = [`lines_${LINES[0]}`, `lines_${LINES.at(-1)}`];
const grown = figures[`${most}_peak_mb`]! / figures[`${least}_peak_mb`]!;
publish(
  {
    bench: 'scaling',
    machine: machineFacts(),
    command: 'npm run bench -- scaling',
    date: new Date().toISOString(),
    size,
    rounds: new Set(measured.map(({ round }) => round)).size,
    busy_rounds: busyRounds(measured),
    figures,
    ratios: {
      ...Object.fromEntries(
        WORKERS.slice(1).map((workers) => [
          `workers_${workers}_vs_1`,
          speedRatio(measured, `workers_${workers}`, 'workers_1'),
        ]),
      ),
      peak_most_vs_least_lines: { median: grown, low: grown, high: grown },
    },
    notes: {},
  },
  json,
);

function scanOf(name: string, lines: number, stride: number, workers = 0): Contestant {
  peaks.set(name, []);
  return {
    name,
    run: async () => {
      const path = await image(lines);
      const args = ['bin/selenoscan.js', 'scan', path, '--sun', String(SUN_AZIMUTH_DEG), '--json'];
      const run = await watched(process.execPath, args, {
        SELENOSCAN_TILING_STRIDE_X: String(stride),
        SELENOSCAN_TILING_STRIDE_Y: String(stride),
        SELENOSCAN_SCORING_WORKERS: String(workers),
      });
      const { images } = JSON.parse(run.stdout) as { images: { tiles: number }[] };
      tiles.set(name, images[0]!.tiles);
      peaks.get(name)!.push(run.peakMb);
      return images[0]!.tiles;
    },
  };
}

async function image(lines: number): Promise<string> {
  const path = join(benchCache('images'), `scaling-${lines}.tif`);
  if (existsSync(path)) return path;
  await writeScenePtif(path, lines);
  return path;
}

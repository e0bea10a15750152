import { WHOLE_FRAME } from '../domain/whole-frame.js';
import { firstPasses, type ScanTools } from '../pipeline/score-image.js';
import { planSample, SAMPLE_TILES } from '../scoring/screen/sample-plan.js';
import type { TileBatch } from '../scoring/scorer.js';
import { SCORE_HALO, type StripJob } from '../scoring/strip-job.js';
import { planGrid } from '../tiling/grid.js';
import { planStrips } from '../tiling/strips.js';

const TRIAL_MS = 2000;
/** Rows of tiles of the strip that is scored in fp32: those of a scan would take seconds. */
const FEW_ROWS = 2;
/** How many trials long a strip for the mode may take in fp32, which is slower: else it has fewer rows than in a scan. */
const LONGEST = 4;
const AWAY = { x: 1, y: 0 };

/** How fast tiles are scored, from pixels to parts, tiles per second. */
export interface TrialRates {
  /** By all networks in fp32. */
  readonly exact: number;
  /** As the mode looks at tiles outside the sample. */
  readonly mode: number;
  /** Whole images a day at these rates, nothing else being in the way. */
  readonly imagesPerDay: number;
}

/**
 * Scores strips made of a model's reference tiles, in fp32 and as the mode has it.
 *
 * @param trialMs how long each, at least
 */
export async function trialRates(
  tools: ScanTools,
  reference: TileBatch,
  trialMs = TRIAL_MS,
): Promise<TrialRates> {
  const { options } = tools;
  const exact = await rateOf(tools, { ...trialStrip(tools, reference, FEW_ROWS), sample: null }, trialMs);
  const passes = firstPasses(tools, options.mode);
  const isExact = options.mode === undefined || options.mode === 'exact';
  let mode = exact;
  if (!isExact) {
    const job = trialStrip(tools, reference, rowsFor(tools, (exact * LONGEST * trialMs) / 1000));
    // A sample of one tile: of every image the rest is what counts.
    mode = await rateOf(tools, { ...job, sample: planSample(job.grid, 1), passes }, trialMs);
  }
  const whole = planGrid(WHOLE_FRAME, options);
  const tiles = whole.xs.length * whole.ys.length;
  const sampled = Math.min(tiles, options.sampleTiles ?? SAMPLE_TILES);
  return { exact, mode, imagesPerDay: 86_400 / (sampled / exact + (tiles - sampled) / mode) };
}

/** Rows of tiles of a strip as high as a scan's, where all threads together score one each within so many tiles. */
function rowsFor({ options, pool }: ScanTools, tiles: number): number {
  const across = planGrid({ width: WHOLE_FRAME.width, height: options.size }, options).xs.length;
  return Math.min(options.stripRows, Math.max(FEW_ROWS, Math.floor(tiles / across / pool.workers)));
}

async function rateOf({ pool }: ScanTools, job: StripJob, trialMs: number): Promise<number> {
  const started = performance.now();
  let tiles = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - started < trialMs) {
      const { count } = await pool.scoreStrip(job);
      tiles += count;
    }
  };
  await Promise.all(Array.from({ length: pool.workers }, loop));
  return tiles / ((performance.now() - started) / 1000);
}

/** A strip of the full width, paved with the reference tiles; in shared memory, so that it can be scored again. */
function trialStrip({ options }: ScanTools, { count, pixels, valid }: TileBatch, tileRows: number): StripJob {
  const { size, strideY, masks } = options;
  const { width } = WHOLE_FRAME;
  const height = size + (tileRows - 1) * strideY;
  const grid = planGrid({ width, height }, options);
  const [plan] = planStrips(grid, height, { tileRows, halo: SCORE_HALO });
  const data = new Uint8Array(new SharedArrayBuffer(width * height));
  const [area, each] = [valid.length / count, pixels.length / count];
  const side = Math.sqrt(area);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const tile = (Math.floor(x / side) + Math.floor(y / side)) % count;
      // A level above 0: none of it is lost.
      data[y * width + x] = Math.max(1, pixels[tile * each + (y % side) * side + (x % side)]!);
    }
  }
  const strip = { firstLine: 0, lines: height, width, data };
  return { strip, plan: plan!, grid, imageWidth: width, imageHeight: height, shadow: AWAY, masks };
}

import { lastValueFrom, reduce, tap } from 'rxjs';
import type { PixelVector } from '../domain/geometry.js';
import type { RasterSource } from '../domain/raster.js';
import type { ScanMode } from '../domain/scan.js';
import type { MaskCounts, TileGrid, TileParts } from '../domain/tile.js';
import { OverviewMaker } from '../detection/overview.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { StripRing } from '../raster/strip-ring.js';
import { BrightnessCounter } from '../scoring/scan-profile.js';
import type { ScorePool } from '../scoring/score-pool.js';
import { planSample, type SamplePlan } from '../scoring/screen/sample-plan.js';
import { SCORE_HALO, type Passes } from '../scoring/strip-job.js';
import { planGrid } from '../tiling/grid.js';
import { planStrips } from '../tiling/strips.js';
import { passesOf } from './choose-mode.js';
import { PartsCollector } from './collect-parts.js';
import { pullMap } from './pull.js';
import type { ScanOptions } from './scan-options.js';
import type { Screening } from './screening.js';
import { Waits, type OnStage } from './stages.js';
import { stripJobs } from './strip-jobs.js';

export interface ScanTools {
  readonly model: ModelFolder;
  readonly pool: ScorePool;
  readonly options: ScanOptions;
  /** Bounds of the model's int8 graphs; absent where it has none, or none is used. */
  readonly screening?: Screening | null;
  readonly onStage?: OnStage;
}

/** What is told while the strips of an image are scored. */
export interface ScoringHooks {
  /** Tiles done so far, of all; first called with none done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Its last strip has gone to the scorers. */
  readonly onLastStrip?: () => void;
}

/** What the first look at all strips of an image gives. */
export interface ScoredImage {
  readonly grid: TileGrid;
  /** Unit vector away from the Sun in the image, null where unknown. */
  readonly shadow: PixelVector | null;
  readonly parts: TileParts;
  readonly masked: MaskCounts;
  /** Null where every tile is in it. */
  readonly sample: SamplePlan | null;
  readonly brightness: BrightnessCounter;
  readonly overview: OverviewMaker;
}

/** How the tiles outside the sample are scored first, in a mode of these tools. */
export function firstPasses(
  { model, pool, screening = null }: Pick<ScanTools, 'model' | 'pool' | 'screening'>,
  mode: ScanMode = 'exact',
): Passes {
  const learned = model.hardwarePath !== null;
  return passesOf(mode, { learned, screens: pool.screens, bounds: screening !== null });
}

/**
 * Pulls the strips of an image through the scorers: all of its tiles are looked at once, in the way of its mode.
 *
 * @param towardsSun unit vector towards the Sun in the image, null where unknown
 * @throws the signal's reason when it is aborted
 */
export async function scoreImage(
  raster: RasterSource,
  towardsSun: PixelVector | null,
  tools: ScanTools,
  signal: AbortSignal,
  { onProgress, onLastStrip }: ScoringHooks = {},
): Promise<ScoredImage> {
  const { pool, options, onStage } = tools;
  const grid = planGrid(raster.info, options);
  const plans = planStrips(grid, raster.info.height, { tileRows: options.stripRows, halo: SCORE_HALO });
  const shadow = towardsSun === null ? null : { x: -towardsSun.x, y: -towardsSun.y };
  const collector = new PartsCollector(grid);
  const total = collector.parts.count;
  let done = 0;
  onProgress?.(done, total);
  const sample = planSample(grid, options.sampleTiles);
  const waits = new Waits();
  const brightness = new BrightnessCounter();
  const overview = new OverviewMaker(raster.info.width, raster.info.height);
  const buffers = new StripRing();
  const scoring = { sample, passes: firstPasses(tools, options.mode) };
  const jobs = waits.on(
    stripJobs(raster, grid, plans, shadow, options.masks, scoring, overview.cell, buffers, signal),
  );
  let begun = 0;
  const strips = pullMap(jobs, pool.workers + 1, async (job, stop) => {
    if (++begun === plans.length) onLastStrip?.();
    const parts = await pool.scoreStrip(job, AbortSignal.any([signal, stop]));
    buffers.give(job.strip.data);
    if (parts.grey !== null) {
      brightness.merge(parts.grey.levels);
      overview.merge(parts.grey);
    }
    return { plan: job.plan, parts };
  });
  const started = performance.now();
  await lastValueFrom(
    strips.pipe(
      tap(({ parts }) => onProgress?.((done += parts.count), total)),
      reduce((all, { plan, parts }) => {
        all.add(plan, parts);
        return all;
      }, collector),
    ),
  );
  onStage?.('decode', waits.seconds);
  onStage?.('score', (performance.now() - started) / 1000 - waits.seconds);
  signal.throwIfAborted();
  return { grid, shadow, parts: collector.parts, masked: collector.counts(), sample, brightness, overview };
}

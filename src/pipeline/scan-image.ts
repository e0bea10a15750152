import { lastValueFrom, reduce, tap } from 'rxjs';
import type { PixelDetection } from '../domain/detection.js';
import type { PixelVector } from '../domain/geometry.js';
import type { RasterSource } from '../domain/raster.js';
import { letOthersRun } from '../domain/let-others-run.js';
import type { ScanOverview } from '../domain/overview.js';
import type { ScanMode, ScanScreening, ScoreMap, ScoreStatistics } from '../domain/scan.js';
import type { ScanProfile } from '../domain/scan-profile.js';
import { TILE_MARKS, type MaskCounts, type TileGrid, type TileParts } from '../domain/tile.js';
import { describeObjects, type DescribeTools } from '../detection/describe.js';
import { findObjects } from '../detection/find-objects.js';
import { OverviewMaker, overviewScores } from '../detection/overview.js';
import { scoreMap } from '../detection/score-map.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { StripRing } from '../raster/strip-ring.js';
import { scoreUnder } from '../scoring/calibration.js';
import { scoreNamed, type ImageScores } from '../scoring/normalise.js';
import type { ScorePool } from '../scoring/score-pool.js';
import { BrightnessCounter, conditionOf, profileOf } from '../scoring/scan-profile.js';
import { planSample } from '../scoring/screen/sample-plan.js';
import { SCORE_HALO, type Passes } from '../scoring/strip-job.js';
import { planGrid } from '../tiling/grid.js';
import { planStrips } from '../tiling/strips.js';
import { passesOf } from './choose-mode.js';
import { PartsCollector } from './collect-parts.js';
import { pullMap } from './pull.js';
import type { ScanOptions } from './scan-options.js';
import type { Screening } from './screening.js';
import { settleImage } from './settle-image.js';
import { inStage, Waits, type OnStage } from './stages.js';
import { stripJobs } from './strip-jobs.js';

/** Everything one image gives in pixels, before anything is placed on the Moon. */
export interface ImageScan {
  readonly grid: TileGrid;
  readonly parts: TileParts;
  /** Approximate where `confirmed` is 0. */
  readonly scores: ImageScores;
  /** 1 where a tile is scored in fp32. */
  readonly confirmed: Uint8Array;
  readonly masked: MaskCounts;
  readonly statistics: ScoreStatistics | null;
  readonly screening: ScanScreening;
  readonly scoreMap: ScoreMap;
  /** Small pictures of its grey levels and scores. */
  readonly overview: Omit<ScanOverview, 'lattice' | 'cornersUncertaintyM'>;
  /** What calibrations learn from; null where every tile is masked. */
  readonly profile: ScanProfile | null;
  /** A tile's raw score as -log10 of its probability under the image's light and contrast. */
  readonly calibrate: (raw: number) => number;
  readonly detections: readonly PixelDetection[];
}

export interface ScanTools {
  readonly model: ModelFolder;
  readonly pool: ScorePool;
  readonly options: ScanOptions;
  /** Bounds of the model's int8 graphs; absent where it has none, or none is used. */
  readonly screening?: Screening | null;
  readonly onStage?: OnStage;
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
 * Scans one image: strips are pulled through the scorers, the tiles' raw parts are normalised over the
 * whole image, what may decide on its objects is scored in fp32 where the mode has left it open, and the pixels of the few chosen objects are read again (design, section 2).
 *
 * @param towardsSun unit vector towards the Sun in the image, null where unknown
 * @param onProgress tiles done so far, of all; first called with none done
 * @param incidenceDeg angle of the Sun from the zenith, null where unknown
 */
export async function scanImage(
  raster: RasterSource,
  towardsSun: PixelVector | null,
  { model, pool, options, screening = null, onStage }: ScanTools,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void = () => undefined,
  incidenceDeg: number | null = null,
): Promise<ImageScan> {
  const grid = planGrid(raster.info, options);
  const plans = planStrips(grid, raster.info.height, { tileRows: options.stripRows, halo: SCORE_HALO });
  const shadow = towardsSun === null ? null : { x: -towardsSun.x, y: -towardsSun.y };
  const collector = new PartsCollector(grid);
  const total = collector.parts.count;
  let done = 0;
  onProgress(done, total);
  const sample = planSample(grid, options.sampleTiles);
  const passes = firstPasses({ model, pool, screening }, options.mode);
  const waits = new Waits();
  const brightness = new BrightnessCounter();
  const overview = new OverviewMaker(raster.info.width, raster.info.height);
  const buffers = new StripRing();
  const scoring = { sample, passes };
  const jobs = waits.on(
    stripJobs(raster, grid, plans, shadow, options.masks, scoring, overview.cell, buffers, signal),
  );
  const strips = pullMap(jobs, pool.workers + 1, async (job, stop) => {
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
      tap(({ parts }) => onProgress((done += parts.count), total)),
      reduce((all, { plan, parts }) => {
        all.add(plan, parts);
        return all;
      }, collector),
    ),
  );
  onStage?.('decode', waits.seconds);
  onStage?.('score', (performance.now() - started) / 1000 - waits.seconds);
  signal.throwIfAborted();
  const { parts } = collector;
  const merging = performance.now();
  const settled = await settleImage(
    parts,
    sample,
    {
      ...{ raster, grid, pool, options, shadow, screening },
      masks: options.masks,
      pooled: model.calibration.pooled,
      score: scoreNamed(model.manifest.score),
    },
    signal,
  );
  const { scores, confirmed } = settled;
  await letOthersRun();
  const isCounted = (tile: number): boolean =>
    sample === null || (parts.marks[tile]! & TILE_MARKS.sampled) !== 0;
  const counted = scores.raw.map((raw, tile) => (isCounted(tile) ? raw : NaN));
  const profile = profileOf(model.calibration.score, counted, parts, brightness.histogram(), incidenceDeg);
  const calibrate = scoreUnder(model.calibration, conditionOf(profile));
  await letOthersRun();
  // Scores that are not in fp32 stay below the budget's last object, whatever they look like.
  const exact = { ...scores, raw: scores.raw.map((raw, tile) => (confirmed[tile] === 1 ? raw : NaN)) };
  const objects = findObjects(grid, parts, exact, options);
  onStage?.('merge', (performance.now() - merging) / 1000);
  const describing: DescribeTools = {
    raster,
    grid,
    channels: model.manifest.architecture.channels,
    explain: (batch) => pool.explain(batch),
    calibrate,
  };
  const detections = await inStage('describe', onStage, () => describeObjects(objects, describing, signal));
  await letOthersRun();
  const scored = overviewScores(overview, grid, scores.raw, calibrate);
  await letOthersRun();
  return {
    grid,
    parts,
    scores,
    confirmed,
    masked: collector.counts(),
    statistics: withHighest(scores.statistics, objects[0]?.scoreRaw),
    screening: settled.screening,
    scoreMap: scoreMap(grid, scores.raw),
    overview: {
      samples: raster.info.width,
      lines: raster.info.height,
      columns: overview.columns,
      rows: overview.rows,
      cell: overview.cell,
      grey: overview.grey(),
      scores: scored,
    },
    profile,
    calibrate,
    detections,
  };
}

/** The highest score of an image is that of its best object, in every mode. */
function withHighest(statistics: ScoreStatistics | null, best: number | undefined): ScoreStatistics | null {
  if (statistics === null || best === undefined) return statistics;
  return { ...statistics, max: Math.max(statistics.max, best) };
}

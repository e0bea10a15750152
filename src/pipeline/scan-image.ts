import { lastValueFrom, reduce, tap } from 'rxjs';
import type { PixelDetection } from '../domain/detection.js';
import type { PixelVector } from '../domain/geometry.js';
import type { RasterSource } from '../domain/raster.js';
import type { ScanOverview } from '../domain/overview.js';
import type { ScoreMap, ScoreStatistics } from '../domain/scan.js';
import type { ScanProfile } from '../domain/scan-profile.js';
import type { MaskCounts, TileGrid, TileParts } from '../domain/tile.js';
import { describeObjects, type DescribeTools } from '../detection/describe.js';
import { findObjects } from '../detection/find-objects.js';
import { OverviewMaker, overviewScores } from '../detection/overview.js';
import { scoreMap } from '../detection/score-map.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { scoreUnder } from '../scoring/calibration.js';
import { normaliseImage, scoreNamed, type ImageScores } from '../scoring/normalise.js';
import type { ScorePool } from '../scoring/score-pool.js';
import { BrightnessCounter, conditionOf, profileOf } from '../scoring/scan-profile.js';
import { SCORE_HALO } from '../scoring/strip-job.js';
import { planGrid } from '../tiling/grid.js';
import { planStrips } from '../tiling/strips.js';
import { PartsCollector } from './collect-parts.js';
import { pullMap } from './pull.js';
import type { ScanOptions } from './scan-options.js';
import { stripJobs } from './strip-jobs.js';

/** Everything one image gives in pixels, before anything is placed on the Moon. */
export interface ImageScan {
  readonly grid: TileGrid;
  readonly parts: TileParts;
  readonly scores: ImageScores;
  readonly masked: MaskCounts;
  readonly statistics: ScoreStatistics | null;
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
}

/**
 * Scans one image: strips are pulled through the scorers, the tiles' raw parts are normalised over the
 * whole image, and the pixels of the few chosen objects are read again (design, section 2).
 *
 * @param towardsSun unit vector towards the Sun in the image, null where unknown
 * @param onProgress tiles done so far, of all; first called with none done
 * @param incidenceDeg angle of the Sun from the zenith, null where unknown
 */
export async function scanImage(
  raster: RasterSource,
  towardsSun: PixelVector | null,
  { model, pool, options }: ScanTools,
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
  const jobs = stripJobs(raster, grid, plans, shadow, options.masks, signal);
  const brightness = new BrightnessCounter();
  const overview = new OverviewMaker(raster.info.width, raster.info.height);
  const strips = pullMap(jobs, pool.workers + 1, async (job, stop) => {
    brightness.add(job.strip);
    overview.add(job.strip);
    return { plan: job.plan, parts: await pool.scoreStrip(job, AbortSignal.any([signal, stop])) };
  });
  await lastValueFrom(
    strips.pipe(
      tap(({ parts }) => onProgress((done += parts.count), total)),
      reduce((all, { plan, parts }) => {
        all.add(plan, parts);
        return all;
      }, collector),
    ),
  );
  signal.throwIfAborted();
  const { parts } = collector;
  const scores = normaliseImage(parts, model.calibration.pooled, {
    thresholdSigma: options.threshold,
    score: scoreNamed(model.manifest.score),
  });
  const profile = profileOf(model.calibration.score, scores.raw, parts, brightness.histogram(), incidenceDeg);
  const calibrate = scoreUnder(model.calibration, conditionOf(profile));
  const objects = findObjects(grid, parts, scores, options);
  const describing: DescribeTools = {
    raster,
    grid,
    channels: model.manifest.architecture.channels,
    explain: (batch) => pool.explain(batch),
    calibrate,
  };
  const detections = await describeObjects(objects, describing, signal);
  return {
    grid,
    parts,
    scores,
    masked: collector.counts(),
    statistics: scores.statistics,
    scoreMap: scoreMap(grid, scores.raw),
    overview: {
      samples: raster.info.width,
      lines: raster.info.height,
      columns: overview.columns,
      rows: overview.rows,
      cell: overview.cell,
      grey: overview.grey(),
      scores: overviewScores(overview, grid, scores.raw, calibrate),
    },
    profile,
    calibrate,
    detections,
  };
}

import type { PixelDetection } from '../domain/detection.js';
import type { PixelVector } from '../domain/geometry.js';
import type { RasterSource } from '../domain/raster.js';
import { letOthersRun } from '../domain/let-others-run.js';
import type { ScanOverview } from '../domain/overview.js';
import type { ScanScreening, ScoreMap, ScoreStatistics } from '../domain/scan.js';
import type { ScanProfile } from '../domain/scan-profile.js';
import { TILE_MARKS, type MaskCounts, type TileGrid, type TileParts } from '../domain/tile.js';
import { describeObjects, type DescribeTools } from '../detection/describe.js';
import { findObjects } from '../detection/find-objects.js';
import { overviewScores } from '../detection/overview.js';
import { scoreMap } from '../detection/score-map.js';
import { scoreUnder } from '../scoring/calibration.js';
import { scoreNamed, type ImageScores } from '../scoring/normalise.js';
import { conditionOf, profileOf } from '../scoring/scan-profile.js';
import { scoreImage, type ScanTools, type ScoredImage } from './score-image.js';
import { settleImage } from './settle-image.js';
import { inStage } from './stages.js';

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

/**
 * Scans one image: all of its tiles are looked at once, then what was seen is concluded.
 *
 * @param towardsSun unit vector towards the Sun in the image, null where unknown
 * @param onProgress tiles done so far, of all; first called with none done
 * @param incidenceDeg angle of the Sun from the zenith, null where unknown
 */
export async function scanImage(
  raster: RasterSource,
  towardsSun: PixelVector | null,
  tools: ScanTools,
  signal: AbortSignal,
  onProgress?: (done: number, total: number) => void,
  incidenceDeg: number | null = null,
): Promise<ImageScan> {
  const scored = await scoreImage(raster, towardsSun, tools, signal, { onProgress });
  return concludeScan(raster, scored, tools, signal, incidenceDeg);
}

/**
 * Concludes the scan of an image whose strips are scored: the tiles' raw parts are normalised over the whole image,
 * what may decide on its objects is scored in fp32 where the mode has left it open, and the pixels of the few chosen
 * objects are read again (design, section 2).
 *
 * @param incidenceDeg angle of the Sun from the zenith, null where unknown
 * @throws the signal's reason when it is aborted
 */
export async function concludeScan(
  raster: RasterSource,
  { grid, shadow, parts, masked, sample, brightness, overview }: ScoredImage,
  { model, pool, options, screening = null, onStage }: ScanTools,
  signal: AbortSignal,
  incidenceDeg: number | null,
): Promise<ImageScan> {
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
    mergeRadiusPx: options.mergeRadiusPx,
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
    masked,
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

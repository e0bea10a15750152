import { basename } from 'node:path';
import { InvalidProductError } from '../domain/errors.js';
import type { LonLat } from '../domain/geometry.js';
import { imageIdOf, isNacProductId } from '../domain/image-id.js';
import type { RasterInfo } from '../domain/raster.js';
import type { Feature } from '../domain/reference.js';
import type { Dem } from '../geo/dem.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { checkSize } from '../pipeline/check-size.js';
import { readIsd } from '../pipeline/isd-ground.js';
import { placeDetections } from '../pipeline/place-detections.js';
import { scanImage, type ImageScan } from '../pipeline/scan-image.js';
import type { ScanTools } from '../pipeline/score-image.js';
import { openRaster } from '../raster/open-raster.js';
import { engineUse } from '../scoring/engine-use.js';
import type { Logger } from '../telemetry/logger.js';
import { startProgress } from '../telemetry/progress.js';
import { checkHoldsTile } from '../tiling/grid.js';
import type { CommandContext } from './context.js';
import type { GivenView } from './scan-given.js';
import { detectionRow, type ScannedImage } from './scan-report.js';
import type { ScanSource, ScanSources } from './scan-source.js';
import type { ScanTarget } from './scan-target.js';
import { viewOnTerrain, type ScanView } from './scan-view.js';
import type { TileTable } from './tile-table.js';

/** What every image of one command is scanned with. */
export interface ScanBench {
  readonly model: ModelFolder;
  /** Opens the scorers, which takes seconds, when it is asked first. */
  readonly tools: () => Promise<ScanTools>;
  readonly sources: ScanSources;
  readonly view: GivenView;
  readonly table: TileTable | null;
  readonly dem: Dem | null;
  readonly nearestFeature: (place: LonLat) => Feature | null;
}

/**
 * Scans one image and places what is found.
 * @param file as it was given, for messages
 */
export async function scanOne(
  file: string,
  target: ScanTarget,
  { log }: CommandContext,
  bench: ScanBench,
  signal: AbortSignal,
): Promise<ScannedImage> {
  const { model, sources, table } = bench;
  // A file that cannot be read is told at once; an image is fetched only where it can be scored.
  if (target.kind !== 'file') await bench.tools();
  let started = performance.now();
  const input = await sources.open(target, signal);
  try {
    const { productId, product } = input;
    const raster = await openRaster(input.source, { stretch: model.manifest.normalisation.wide });
    try {
      if (product !== null) checkSize(product, raster);
      checkHoldsTile(basename(file), raster.info, model.manifest.architecture.tileSize);
      const view = await bestView(file, input, raster.info, bench, log);
      const ready = performance.now();
      const opened = await bench.tools();
      // Opening the scorers is no part of an image's time.
      started += performance.now() - ready;
      const tools = { ...opened, pool: engineUse(opened.pool) };
      warn(log, file, view);
      const progress = startProgress(log, productId, 1, 'tiles');
      const found = await scanImage(
        raster,
        view.towardsSun,
        tools,
        signal,
        (done, total) => progress.update(done, total),
        view.incidenceDeg,
      ).finally(() => progress.stop());
      await table?.add(file, found, found.calibrate);
      const seconds = (performance.now() - started) / 1000;
      return report(file, input, view, found, bench, tools, seconds);
    } finally {
      await raster.close();
    }
  } finally {
    await input.release();
  }
}

/** By the camera model that came with the image, if it can be used and nothing was given by hand. */
async function bestView(
  file: string,
  { product, isd }: ScanSource,
  info: RasterInfo,
  { view, dem }: ScanBench,
  log: Logger,
): Promise<ScanView> {
  if (isd !== null && view.isd === undefined && view.corners === undefined) {
    try {
      return await viewOnTerrain({ ...view, isd: await readIsd(isd) }, product, info, dem);
    } catch (error) {
      if (!(error instanceof InvalidProductError)) throw error;
      log.warn({ file, reason: error.message }, 'Scan:CameraModelRefused');
    }
  }
  return viewOnTerrain(view, product, info, dem);
}

function warn(log: Logger, file: string, { ground, towardsSun, remarks }: ScanView): void {
  for (const remark of remarks) log.warn({ file }, `Scan:Geometry: ${remark}`);
  if (ground === null)
    log.warn(
      { file },
      'Scan:NoGeometry: detections are in pixels only; --index, --isd or --corners places them',
    );
  if (towardsSun === null)
    log.warn({ file }, 'Scan:SunUnknown: every direction is tried, which finds less; --sun gives it');
}

function report(
  file: string,
  { productId, product, url, checksum }: ScanSource,
  { ground, resolutionM }: ScanView,
  scan: ImageScan,
  { model, nearestFeature }: ScanBench,
  { pool }: ScanTools,
  seconds: number,
): ScannedImage {
  const imageId = isNacProductId(productId) ? imageIdOf(productId) : productId;
  const detections = placeDetections(scan.detections, { imageId, modelId: model.id }, ground);
  const facts = { productId, imageId, product, resolutionM, url, checksum };
  const tiles = scan.parts.count;
  return {
    product_id: productId,
    file,
    engine: pool.info.engine,
    device: pool.info.device,
    model_id: model.id,
    tiles,
    masked_tiles: tiles - scan.masked.scored,
    masked: scan.masked,
    mode: scan.screening.mode,
    rescored_tiles: scan.screening.rescored,
    approximate_tiles: scan.screening.approximate,
    seconds: Number(seconds.toFixed(3)),
    detections: detections.map((detection) => detectionRow(detection, facts, model.id, nearestFeature)),
  };
}

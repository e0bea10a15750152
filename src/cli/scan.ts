import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Detection } from '../domain/detection.js';
import { InvalidProductError, UsageError } from '../domain/errors.js';
import { imageIdOf, isNacProductId } from '../domain/image-id.js';
import type { PixelVector } from '../domain/geometry.js';
import { createCornerModel } from '../geo/corner-model.js';
import { parseCorners } from '../geo/corners.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { placeDetections, type Ground } from '../pipeline/place-detections.js';
import { scanImage, type ImageScan, type ScanTools } from '../pipeline/scan-image.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { openRaster } from '../raster/open-raster.js';
import { calibrateScore } from '../scoring/calibration.js';
import { startProgress } from '../telemetry/progress.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { geometryFromCorners } from './given-geometry.js';
import { openModel, openPool } from './parts.js';
import { detectionRow, tableOf, type RefusedImage, type ScannedImage } from './scan-report.js';
import { TileTable } from './tile-table.js';

interface ScanArguments {
  readonly sun?: number;
  readonly corners?: string;
  readonly tiles?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** Image id as NAC files carry it in their names. */
const PRODUCT_IN_NAME = /M\d{9,10}[LR][EC]?/;

export function scanCommand(): Command {
  return new Command('scan')
    .description('scan image files (PTIF, TIFF, PNG): images in, detections out; no daemon, no database')
    .argument('<file...>', 'image files')
    .option('--sun <azimuth>', 'direction towards the Sun in the image, degrees clockwise from up', degrees)
    .option(
      '--corners <corners>',
      '"lon,lat lon,lat lon,lat lon,lat": UPPER LEFT, UPPER RIGHT, LOWER RIGHT, LOWER LEFT',
    )
    .option('--tiles <csv>', 'write every scored tile with all its scores')
    .action(async (files: string[], options: ScanArguments) => {
      const context = contextOf(options);
      const shutdown = new Shutdown(context.log);
      try {
        await scan(context, files, options, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

async function scan(
  context: CommandContext,
  files: readonly string[],
  options: ScanArguments,
  shutdown: Shutdown,
): Promise<void> {
  if (options.corners !== undefined && files.length > 1)
    throw new UsageError('--corners places one image; scan the files one by one.');
  if (options.corners !== undefined) parseCorners(options.corners);
  const model = await openModel(context.config);
  const pool = await openPool(context.config, model);
  shutdown.onRelease('scorers', () => pool.close());
  const tools: ScanTools = {
    model,
    pool,
    options: scanOptions(context.config, model.manifest.architecture.tileSize),
  };
  const table = options.tiles === undefined ? null : await TileTable.create(options.tiles);
  const images: (ScannedImage | RefusedImage)[] = [];
  try {
    for (const file of files) {
      try {
        images.push(await scanFile(file, context, options, tools, table, shutdown.signal));
      } catch (error) {
        // One bad image among several must not cost the others' results.
        if (files.length === 1 || !(error instanceof InvalidProductError)) throw error;
        images.push({ file, error: { code: error.code, message: error.message } });
        process.exitCode = 1;
      }
    }
  } finally {
    await table?.close();
  }
  answer(
    context,
    { images },
    images.flatMap((image) =>
      'error' in image ? [`${image.file}: ${image.error.message}`] : tableOf(image),
    ),
  );
}

async function scanFile(
  file: string,
  context: CommandContext,
  options: ScanArguments,
  tools: ScanTools,
  table: TileTable | null,
  signal: AbortSignal,
): Promise<ScannedImage> {
  const started = performance.now();
  const name = basename(file);
  const productId = PRODUCT_IN_NAME.exec(name)?.[0] ?? name;
  const raster = await openRaster(file, { stretch: tools.model.manifest.normalisation.wide });
  try {
    const ground = groundOf(options, raster.info);
    if (ground === null)
      context.log.warn({ file }, 'Scan:NoGeometry: detections are in pixels only; --corners places them');
    const sun = options.sun === undefined ? null : towardsSun(options.sun);
    if (sun === null)
      context.log.warn(
        { file },
        'Scan:SunUnknown: every direction is tried, which finds less; --sun gives it',
      );
    const progress = startProgress(context.log, productId, 1, 'tiles');
    const found = await scanImage(raster, sun, tools, signal, (done, total) =>
      progress.update(done, total),
    ).finally(() => progress.stop());
    await table?.write(file, found, (raw) => calibrateScore(tools.model.calibration, raw));
    const names = { imageId: imageOf(productId), modelId: tools.model.id };
    const detections = placeDetections(found.detections, names, ground);
    return report(file, productId, found, detections, tools, (performance.now() - started) / 1000);
  } finally {
    await raster.close();
  }
}

function groundOf(options: ScanArguments, info: { width: number; height: number }): Ground | null {
  if (options.corners === undefined) return null;
  const geometry = geometryFromCorners(options.corners, info);
  return { model: createCornerModel(geometry), subSolar: null };
}

function report(
  file: string,
  productId: string,
  scan: ImageScan,
  detections: readonly Detection[],
  { model, pool }: { model: ModelFolder; pool: ScanTools['pool'] },
  seconds: number,
): ScannedImage {
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
    seconds: Number(seconds.toFixed(3)),
    detections: detections.map((detection) =>
      detectionRow(detection, { productId, imageId: imageOf(productId) }, model.id),
    ),
  };
}

function imageOf(productId: string): string {
  return isNacProductId(productId) ? imageIdOf(productId) : productId;
}

/** Degrees clockwise from up to a unit vector in image coordinates (y down). */
function towardsSun(azimuth: number): PixelVector {
  const radians = (azimuth * Math.PI) / 180;
  return { x: Math.sin(radians), y: -Math.cos(radians) };
}

function degrees(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError('It must be a number of degrees.');
  return value;
}

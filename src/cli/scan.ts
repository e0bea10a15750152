import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/schema.js';
import { InvalidProductError, MissingProductError, TransientError } from '../domain/errors.js';
import type { LonLat } from '../domain/geometry.js';
import { imageIdOf, isNacProductId } from '../domain/image-id.js';
import type { RasterInfo } from '../domain/raster.js';
import { SCAN_MODES, type ScanMode } from '../domain/scan.js';
import type { Feature } from '../domain/reference.js';
import type { Dem } from '../geo/dem.js';
import { nearestFeatureFinder } from '../geo/nearest-feature.js';
import { readIsd } from '../pipeline/isd-ground.js';
import { checkSize } from '../pipeline/check-size.js';
import { placeDetections } from '../pipeline/place-detections.js';
import { scanImage, type ImageScan } from '../pipeline/scan-image.js';
import type { ScanTools } from '../pipeline/score-image.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { openRaster } from '../raster/open-raster.js';
import { readGazetteer } from '../store/gazetteer.js';
import { engineUse } from '../scoring/engine-use.js';
import { ENGINES } from '../scoring/engines/engine-spec.js';
import type { Logger } from '../telemetry/logger.js';
import { startProgress } from '../telemetry/progress.js';
import { checkHoldsTile } from '../tiling/grid.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { openScoring } from './open-scoring.js';
import { openTerrain } from './open-terrain.js';
import { openModel } from './parts.js';
import { readGivenView, type GivenView } from './scan-given.js';
import { checkOut, writeDetections } from './scan-out.js';
import { detectionRow, tableOf, type RefusedImage, type ScannedImage } from './scan-report.js';
import { ScanSources, type ScanSource } from './scan-source.js';
import { scanTarget, type ScanTarget } from './scan-target.js';
import { viewOnTerrain, type ScanView } from './scan-view.js';
import { TileTable } from './tile-table.js';
import { scoreNamesOf } from '../scoring/normalise.js';

interface ScanArguments {
  readonly index?: string;
  readonly isd?: string;
  readonly corners?: string;
  readonly sun?: number;
  readonly resolution?: number;
  readonly out?: string;
  readonly tiles?: string;
  readonly mode?: ScanMode | 'auto';
  readonly engine?: Config['scoring']['engine'];
  readonly device?: Config['scoring']['device'];
  readonly config?: string;
  readonly json?: boolean;
}

export function scanCommand(): Command {
  return new Command('scan')
    .description('scan images: images in, detections out; no daemon, no database')
    .argument(
      '<image...>',
      'files (PTIF, CDR or EDR .IMG, TIFF, PNG), http addresses, or product ids such as M1271742202LC, which are found in the configured archive with their place and light',
    )
    .option('--index <row>', 'file with the index rows of the images: records of INDEX.TAB, or a whole table')
    .option('--isd <file>', 'camera model of the image (ISD as ALE writes it, JSON), more exact than corners')
    .option(
      '--corners <corners>',
      '"lon,lat lon,lat lon,lat lon,lat": UPPER LEFT, UPPER RIGHT, LOWER RIGHT, LOWER LEFT',
    )
    .option('--sun <azimuth>', 'direction towards the Sun in the image, degrees clockwise from up', degrees)
    .option('--resolution <m>', 'metres per pixel, where nothing else tells', metres)
    .option('--out <file>', 'write the detections to X.gpkg, X.geojson or X.csv')
    .option('--tiles <csv>', 'write every scored tile with all its scores, in fp32')
    .addOption(
      new Option(
        '--mode <mode>',
        'score all tiles in fp32 (exact), each in int8 or bf16 first (full), or with the autoencoder only where it may decide (cascade): the detections are the same; by default as scoring.mode says',
      ).choices(['auto', ...SCAN_MODES]),
    )
    .addOption(
      new Option('--engine <name>', 'what scores, in place of scoring.engine').choices(['auto', ...ENGINES]),
    )
    .addOption(
      new Option('--device <name>', 'where it scores, in place of scoring.device').choices([
        'auto',
        'cpu',
        'gpu',
      ]),
    )
    .action(async (images: string[], options: ScanArguments) => {
      const context = onEngine(contextOf(options), options);
      const shutdown = new Shutdown(context.log);
      try {
        await scan(context, images, options, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

/** The configuration with the engine and device that the command names. */
function onEngine(context: CommandContext, { engine, device }: ScanArguments): CommandContext {
  const { scoring } = context.config;
  const named = { engine: engine ?? scoring.engine, device: device ?? scoring.device };
  return { ...context, config: { ...context.config, scoring: { ...scoring, ...named } } };
}

/** What every image of one command is scanned with. */
interface Bench {
  readonly tools: ScanTools;
  readonly sources: ScanSources;
  readonly view: GivenView;
  readonly table: TileTable | null;
  readonly dem: Dem | null;
  readonly nearestFeature: (place: LonLat) => Feature | null;
}

async function scan(
  context: CommandContext,
  given: readonly string[],
  options: ScanArguments,
  shutdown: Shutdown,
): Promise<void> {
  const { config, log } = context;
  const targets = given.map((each) => scanTarget(each, config.archive.dataset));
  const view = await readGivenView(options, given.length);
  if (options.out !== undefined) await checkOut(options.out);
  const dem = await openTerrain(config);
  shutdown.onRelease('terrain', () => dem?.close() ?? Promise.resolve());
  const model = await openModel(config);
  // A table of tiles holds each of them as it is.
  const mode = options.tiles === undefined ? (options.mode ?? config.scoring.mode) : 'exact';
  const tools = await openScoring(config, model, { mode, listeners: { log } });
  shutdown.onRelease('scorers', () => tools.pool.close());
  const sources = new ScanSources(config, log, options.index);
  shutdown.onRelease('archive', () => sources.close());
  const table =
    options.tiles === undefined ? null : await TileTable.create(options.tiles, scoreNamesOf(model));
  const nearestFeature = nearestFeatureFinder(await readGazetteer());
  const bench = { tools, sources, view, table, dem, nearestFeature };
  const images: (ScannedImage | RefusedImage)[] = [];
  try {
    for (const [n, target] of targets.entries()) {
      const file = given[n] ?? '';
      try {
        images.push(await scanOne(file, target, context, bench, shutdown.signal));
      } catch (error) {
        // One bad image among several must not cost the others' results.
        if (given.length === 1 || !isOfOneImage(error)) throw error;
        images.push({ file, error: { code: error.code, message: error.message } });
        process.exitCode = 1;
      }
    }
  } finally {
    await table?.close();
  }
  const scanned = images.flatMap((image) => ('error' in image ? [] : image.detections));
  if (options.out !== undefined) await writeDetections(options.out, scanned, model.id);
  answer(
    context,
    { images },
    images.flatMap((image) =>
      'error' in image ? [`${image.file}: ${image.error.message}`] : tableOf(image),
    ),
  );
}

function isOfOneImage(error: unknown): error is InvalidProductError | MissingProductError | TransientError {
  return [InvalidProductError, MissingProductError, TransientError].some((kind) => error instanceof kind);
}

async function scanOne(
  file: string,
  target: ScanTarget,
  { log }: CommandContext,
  bench: Bench,
  signal: AbortSignal,
): Promise<ScannedImage> {
  const started = performance.now();
  const { sources, table } = bench;
  const tools = { ...bench.tools, pool: engineUse(bench.tools.pool) };
  const input = await sources.open(target, signal);
  try {
    const { productId, product } = input;
    const raster = await openRaster(input.source, { stretch: tools.model.manifest.normalisation.wide });
    try {
      if (product !== null) checkSize(product, raster);
      checkHoldsTile(basename(file), raster.info, tools.options.size);
      const view = await bestView(file, input, raster.info, bench, log);
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
      await table?.write(file, found, found.calibrate);
      const seconds = (performance.now() - started) / 1000;
      return report(file, input, view, found, { ...bench, tools }, seconds);
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
  { view, dem }: Bench,
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
  { tools: { model, pool }, nearestFeature }: Bench,
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

function degrees(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError('It must be a number of degrees.');
  return value;
}

function metres(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number of metres above 0.');
  return value;
}

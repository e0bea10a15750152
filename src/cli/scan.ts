import { Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/schema.js';
import { InvalidProductError, MissingProductError, TransientError, UsageError } from '../domain/errors.js';
import { SCAN_MODES, type ScanMode } from '../domain/scan.js';
import { nearestFeatureFinder } from '../geo/nearest-feature.js';
import type { ScanTools } from '../pipeline/score-image.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { ENGINES } from '../scoring/engines/engine-spec.js';
import { scoreNamesOf } from '../scoring/normalise.js';
import { readGazetteer } from '../store/gazetteer.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { openScoring } from './open-scoring.js';
import { openTerrain } from './open-terrain.js';
import { openModel } from './parts.js';
import { readGivenView } from './scan-given.js';
import { scanOne } from './scan-one.js';
import { checkOut, writeDetections } from './scan-out.js';
import { tableOf, type RefusedImage, type ScannedImage } from './scan-report.js';
import { ScanSources } from './scan-source.js';
import { isSameFile } from './same-file.js';
import { scanTarget } from './scan-target.js';
import { TileTable } from './tile-table.js';

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

async function scan(
  context: CommandContext,
  given: readonly string[],
  options: ScanArguments,
  shutdown: Shutdown,
): Promise<void> {
  const { config, log } = context;
  const targets = given.map((each) => scanTarget(each, config.archive.dataset));
  const view = await readGivenView(options, given.length);
  await checkWritten(options, given);
  const dem = await openTerrain(config);
  shutdown.onRelease('terrain', () => dem?.close() ?? Promise.resolve());
  const model = await openModel(config);
  // A table of tiles holds each of them as it is.
  const mode = options.tiles === undefined ? (options.mode ?? config.scoring.mode) : 'exact';
  const openTools = async (): Promise<ScanTools> => {
    const opened = await openScoring(config, model, { mode, listeners: { log } });
    shutdown.onRelease('scorers', () => opened.pool.close());
    return opened;
  };
  let opening: Promise<ScanTools> | null = null;
  const tools = () => (opening ??= openTools());
  const sources = new ScanSources(config, log, options.index);
  shutdown.onRelease('archive', () => sources.close());
  const nearestFeature = nearestFeatureFinder(await readGazetteer());
  const images: (ScannedImage | RefusedImage)[] = [];
  const scanAll = async (table: TileTable | null) => {
    const bench = { model, tools, sources, view, table, dem, nearestFeature };
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
  };
  if (options.tiles === undefined) await scanAll(null);
  else await TileTable.write(options.tiles, scoreNamesOf(model), scanAll);
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

/**
 * Before the work is done.
 * @throws UsageError where what is to be written cannot be, or would take the place of what is read
 */
async function checkWritten({ out, tiles, index, isd }: ScanArguments, images: readonly string[]) {
  if (out !== undefined) await checkOut(out);
  if (tiles !== undefined) await TileTable.check(tiles);
  const read = [...images, index, isd].filter((path) => path !== undefined);
  for (const [option, path] of Object.entries({ out, tiles }))
    for (const other of path === undefined ? [] : [...read, ...(option === 'tiles' ? [out] : [])])
      if (other !== undefined && (await isSameFile(path ?? '', other)))
        throw new UsageError(`--${option} ${path} would take the place of ${other}; give another name.`);
}

function isOfOneImage(error: unknown): error is InvalidProductError | MissingProductError | TransientError {
  return [InvalidProductError, MissingProductError, TransientError].some((kind) => error instanceof kind);
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

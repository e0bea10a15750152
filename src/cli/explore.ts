import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../domain/errors.js';
import { createRandom } from '../domain/random.js';
import { drawTiles, scoredTiles, topTiles, type ScoredTile } from '../evaluation/choose-tiles.js';
import { NEIGHBOURS } from '../evaluation/latent-map.js';
import { loadLatentGraphs } from '../model/latent-graphs.js';
import { loadModelFolder } from '../model/load-model-folder.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { type ScoreName, scoreNamesOf, scoresNamed } from '../scoring/normalise.js';
import { createLatentEngine } from '../scoring/onnx-latent.js';
import { startProgress } from '../telemetry/progress.js';
import { readSunDirections } from '../training/sun-directions.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { labelledImages } from './evaluate-images.js';
import { cutTiles, scanForExploring, type CutTile, type ExploredImage } from './explore-images.js';
import { LatentSpace } from './explore-latent.js';
import { explorePictures, placeOf, type CodedTiles, type Exploration } from './explore-pictures.js';
import { findImage, findPlace, parsePlace, type NamedPlace } from './explore-place.js';
import { openPool } from './open-pool.js';
import { ScanSources } from './scan-source.js';

interface ExploreFlags {
  readonly out: string;
  readonly score?: string;
  readonly top: number;
  readonly tile: readonly NamedPlace[];
  readonly random: number;
  readonly draws: number;
  readonly from?: NamedPlace;
  readonly to?: NamedPlace;
  readonly walk: number;
  readonly cap: number;
  readonly sun?: string;
  readonly index?: string;
  readonly seed: number;
  readonly config?: string;
  readonly json?: boolean;
}

/** Of the most anomalous tiles, shown beside their reconstructions where none are named. */
const SHOWN_BY_DEFAULT = 4;

export function exploreCommand(): Command {
  return new Command('explore')
    .description('draw what a model makes of a folder of images: reconstructions, latent space, top tiles')
    .argument('<model>', 'model folder')
    .argument('<dir>', 'folder of PNG, TIFF, PTIF or .IMG images')
    .requiredOption('--out <dir>', 'folder that gets the pictures and explore.json')
    .option('--score <name>', "the score that ranks and colours (default: the model's)")
    .option('--top <n>', 'most anomalous tiles on the contact sheet', wholeNumber(1, 400), 24)
    .option(
      '--tile <image:x,y>',
      `tile to reconstruct, by its upper-left pixel; may be repeated (default: the ${SHOWN_BY_DEFAULT} most anomalous)`,
      (text: string, before: readonly NamedPlace[]) => [...before, parsePlace(text)],
      [],
    )
    .option('--random <n>', 'random tiles to reconstruct beside them', wholeNumber(2, 40), 5)
    .option('--draws <n>', 'random draws of the code of each', wholeNumber(1, 8), 2)
    .option('--from <image:x,y>', 'tile that the walk begins at (default: see --to)', parsePlace)
    .option(
      '--to <image:x,y>',
      'tile that the walk ends at (default: of the random tiles the two whose codes are farthest apart)',
      parsePlace,
    )
    .option('--walk <n>', 'pictures a side of the walk', wholeNumber(2, 20), 8)
    .option('--cap <n>', 'most tiles on the map of latent space', wholeNumber(NEIGHBOURS + 1, 20_000), 2000)
    .option('--sun <file>', 'JSON of file names and directions towards the Sun, degrees clockwise from up')
    .option('--index <row>', 'file with the index rows of the images, which tell the Sun')
    .option('--seed <n>', 'of everything random', wholeNumber(0, 2 ** 32 - 1), 1)
    .action(async (model: string, dir: string, flags: ExploreFlags) => {
      const context = contextOf(flags);
      const shutdown = new Shutdown(context.log);
      try {
        await explore(context, model, dir, flags, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

async function explore(
  context: CommandContext,
  modelDir: string,
  dir: string,
  flags: ExploreFlags,
  shutdown: Shutdown,
): Promise<void> {
  const { config, log } = context;
  const { signal } = shutdown;
  if ((flags.from === undefined) !== (flags.to === undefined))
    throw new UsageError('The walk needs both of its ends; give --from and --to, or neither.');
  const found = await labelledImages(dir, [], 'after the model');
  const names = found.map(({ file, name }) => ({ file: basename(file), name }));
  for (const place of [...flags.tile, flags.from, flags.to]) if (place !== undefined) findImage(place, names);
  const sun = flags.sun === undefined ? new Map<string, number>() : await readSunDirections(flags.sun);
  const model = await loadModelFolder(modelDir);
  const { channels, latent, tileSize } = model.manifest.architecture;
  const score = scoreNamed(flags.score ?? model.manifest.score, scoreNamesOf(model));
  await mkdir(flags.out, { recursive: true }).catch((cause: unknown) => {
    throw new UsageError(`${flags.out}: the folder cannot be made; check --out.`, { cause });
  });
  const pool = await openPool(config, model, { log });
  shutdown.onRelease('scorers', () => pool.close());
  const sources = new ScanSources(config, log, flags.index);
  shutdown.onRelease('archive', () => sources.close());
  // No objects are described: tiles alone are looked at.
  const tools = { model, pool, options: { ...scanOptions(config, tileSize), budget: 0 } };
  const images: ExploredImage[] = [];
  for (const [n, image] of found.entries()) {
    const title = `${n + 1}/${found.length} ${image.name}`;
    images.push(await scanForExploring(context, image, title, { tools, sources, sun }, signal));
  }

  const all = scoredTiles(
    images.map(({ scan }) => ({ grid: scan.grid, scores: scoresNamed(scan.scores.named(), score) })),
  );
  if (all.length <= NEIGHBOURS)
    throw new UsageError(
      `${dir} has ${all.length} scored tiles, too few to explore; give images with more than ${NEIGHBOURS} tiles of ${tileSize} pixels.`,
    );
  const random = createRandom(flags.seed);
  const top = topTiles(all, flags.top, tileSize);
  const chosen =
    flags.tile.length > 0
      ? flags.tile.map((place) => findPlace(place, images, score))
      : top.slice(0, SHOWN_BY_DEFAULT);
  const ends = [flags.from, flags.to].flatMap((place) =>
    place === undefined ? [] : [findPlace(place, images, score)],
  );
  const drawn = drawTiles(all, flags.random, random);
  const mapped = tilesOfMap(all, top, flags.cap, random);
  const groups = [chosen, drawn, ends, top, mapped];
  const cut = await cutTiles(context, images, groups.flat(), tools, signal);

  const engine = await createLatentEngine({
    ...(await loadLatentGraphs(model)),
    channels,
    latent,
    tileSize,
    threads: config.scoring.workers === 0 ? availableParallelism() : config.scoring.workers,
  });
  shutdown.onRelease('engine', () => engine.close());
  const space = new LatentSpace(engine, { channels, latent, tileSize });
  const progress = startProgress(log, 'encoding', cut.length, 'tiles');
  const codes = await space
    .encode(cut, signal, (done) => progress.update(done))
    .finally(() => progress.stop());
  const [chosenTiles, drawnTiles, endTiles, topOnes, mapTiles] = split(cut, codes, groups);
  const exploration: Exploration = {
    score,
    space,
    seed: flags.seed,
    draws: flags.draws,
    walkSide: flags.walk,
    chosen: chosenTiles!,
    drawn: drawnTiles!,
    ends: endTiles!,
    top: topOnes!,
    mapped: mapTiles!,
    scoredTiles: all.length,
  };
  const pictures = await explorePictures(context, exploration, flags.out, signal);
  const result = {
    model_id: model.id,
    default_score: model.manifest.score,
    drawn_score: score,
    seed: flags.seed,
    images: images.map(({ file, name, scan, sunKnown }) => ({
      product_id: name,
      file,
      sun_known: sunKnown,
      tiles: scan.parts.count,
      masked_tiles: scan.parts.count - scan.masked.scored,
    })),
    top: topOnes!.tiles.map((tile, i) => ({
      rank: i + 1,
      ...placeOf(tile),
      scores: Object.fromEntries(
        Object.entries(images[tile.image]!.scan.scores.named([tile.tile!])).map(([name, [value]]) => [
          name,
          value,
        ]),
      ),
    })),
    ...pictures,
  };
  await writeFile(join(flags.out, 'explore.json'), `${JSON.stringify(result, null, 1)}\n`);
  answer(context, result, [
    ...pictures.figures.map(({ file, shows }) => `${file.padEnd(20)} ${shows}`),
    `${pictures.units.filter((unit) => unit.in_use).length} of ${latent} latent units are in use. Written to ${flags.out}.`,
  ]);
}

/** The most anomalous tiles are on the map whatever the draw. */
function tilesOfMap(
  all: readonly ScoredTile[],
  top: readonly ScoredTile[],
  cap: number,
  random: ReturnType<typeof createRandom>,
): ScoredTile[] {
  const first = top.slice(0, cap);
  const named = new Set(first);
  const others = all.filter((tile) => !named.has(tile));
  return [...first, ...drawTiles(others, cap - first.length, random)];
}

function split(
  tiles: readonly CutTile[],
  { mu, logvar }: { readonly mu: Float32Array; readonly logvar: Float32Array },
  groups: readonly { readonly length: number }[],
): CodedTiles[] {
  const latent = mu.length / tiles.length;
  let from = 0;
  return groups.map(({ length }) => {
    const to = from + length;
    const part = {
      tiles: tiles.slice(from, to),
      mu: mu.subarray(from * latent, to * latent),
      logvar: logvar.subarray(from * latent, to * latent),
    };
    from = to;
    return part;
  });
}

function scoreNamed(text: string, names: readonly ScoreName[]): ScoreName {
  const name = names.find((one) => one === text);
  if (name === undefined)
    throw new UsageError(`--score ${text} is none of the model's scores; choose ${names.join(', ')}.`);
  return name;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
}

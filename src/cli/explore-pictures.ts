import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Spec } from 'vega';
import { createRandom } from '../domain/random.js';
import { contactSheet, type Sheet } from '../evaluation/contact-sheet.js';
import { drawFigure, drawSvg, type Figure } from '../figures/draw-figure.js';
import {
  reconstructionSheet,
  residualOf,
  rmsOf,
  topSheet,
  traversalSheet,
  walkSheet,
} from '../evaluation/explore-sheets.js';
import { latentMapFigure } from '../evaluation/latent-map-figure.js';
import { latentMap, NEIGHBOURS } from '../evaluation/latent-map.js';
import { latentUnitsFigure } from '../evaluation/latent-units-figure.js';
import { latentUnits } from '../evaluation/latent-units.js';
import {
  distanceBetween,
  farthestPair,
  sampleCodes,
  stepsBetween,
  traverseUnit,
  walkBetween,
} from '../evaluation/latent-walk.js';
import { startProgress } from '../telemetry/progress.js';
import type { CommandContext } from './context.js';
import type { CutTile } from './explore-images.js';
import type { LatentSpace } from './explore-latent.js';

/** Tiles with their codes, `count * latent` each. */
export interface CodedTiles {
  readonly tiles: readonly CutTile[];
  readonly mu: Float32Array;
  readonly logvar: Float32Array;
}

/** What was found, ready to be drawn. */
export interface Exploration {
  readonly score: string;
  readonly space: LatentSpace;
  readonly seed: number;
  readonly draws: number;
  readonly walkSide: number;
  /** Reconstructed because they were asked for or rank high. */
  readonly chosen: CodedTiles;
  /** Reconstructed because they were drawn. */
  readonly drawn: CodedTiles;
  /** Of the walk: two tiles, or none where it is up to us. */
  readonly ends: CodedTiles;
  readonly top: CodedTiles;
  readonly mapped: CodedTiles;
  /** Of all images. */
  readonly scoredTiles: number;
}

interface WrittenFigure {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly shows: string;
}

/** Units whose effect is drawn, at most, and the values that they are set to: within what the prior holds likely. */
const TRAVERSED_UNITS = 8;
const TRAVERSED_VALUES = [-3, -2, -1, 0, 1, 2, 3];
/** Tiles of the map that carry their rank. */
const NAMED_ON_MAP = 10;

/** Draws and writes every picture; returns the numbers behind them. */
export async function explorePictures(
  { log }: CommandContext,
  found: Exploration,
  out: string,
  signal: AbortSignal,
) {
  const { score, seed, mapped } = found;
  const figures: WrittenFigure[] = [];
  const write = async (name: string, shows: string, figure: Figure, isPlot: boolean): Promise<void> => {
    if (isPlot) await writeFile(join(out, `${name}.svg`), figure.svg);
    await writeFile(join(out, `${name}.png`), figure.png);
    figures.push({ file: `${name}.png`, width: figure.width, height: figure.height, shows });
  };
  const sheet = async (name: string, shows: string, content: Sheet): Promise<void> => {
    const figure = drawSvg(contactSheet(content));
    const png = await sharp(figure.png).removeAlpha().png({ compressionLevel: 9 }).toBuffer();
    await write(name, shows, { ...figure, png }, false);
  };
  const plot = async (name: string, shows: string, spec: Spec) =>
    write(name, shows, await drawFigure(spec), true);

  await sheet('top', 'the most anomalous tiles', await topSheet(score, found.top.tiles));
  const reconstructions = await reconstruct(found);
  await sheet('reconstructions', 'tiles and their reconstructions', reconstructions.sheet);
  const walk = await walkThrough(found);
  await sheet('walk', 'a walk through latent space', walk.sheet);
  const units = latentUnits(mapped.mu, mapped.logvar, mapped.tiles.length);
  await plot('units', 'how much of the code is in use', latentUnitsFigure(units, mapped.tiles.length));
  const traversed = units.slice(0, TRAVERSED_UNITS).map(({ unit }) => unit);
  await sheet('traversals', 'what single units of the code do', await traverse(found, traversed));

  const progress = startProgress(log, 'map of latent space', 1, 'rounds');
  const places = await latentMap(mapped.mu, mapped.tiles.length, {
    seed,
    signal,
    onRound: (done, total) => progress.update(done, total),
  }).finally(() => progress.stop());
  const named = Math.min(NAMED_ON_MAP, found.top.tiles.length);
  const points = places.map(([u, v], i) => ({
    u,
    v,
    score: mapped.tiles[i]!.score!,
    rank: i < named ? i + 1 : null,
  }));
  const subtitle = [
    `UMAP of the codes of ${grouped(points.length)} of ${grouped(found.scoredTiles)} tiles; neighbours are alike`,
    `ringed: the ${named} most anomalous tiles by rank, none overlapping`,
  ];
  await plot('map', 'latent space, coloured by score', latentMapFigure(score, points, subtitle));

  return {
    reconstructions: reconstructions.numbers,
    walk: walk.numbers,
    units: units.map(({ unit, divergence, muVariance, inUse }) => ({
      unit,
      divergence,
      mu_variance: muVariance,
      in_use: inUse,
    })),
    traversals: { base: placeOf(found.drawn.tiles[0]!), units: traversed, values: TRAVERSED_VALUES },
    map: {
      method: 'umap',
      neighbours: NEIGHBOURS,
      seed,
      tiles: points.length,
      of: found.scoredTiles,
      points: points.map(({ u, v }, i) => ({ ...placeOf(mapped.tiles[i]!), u, v })),
    },
    figures,
  };
}

async function reconstruct({ chosen, drawn, space, draws, seed }: Exploration) {
  const tiles = [...chosen.tiles, ...drawn.tiles];
  const mu = joined(chosen.mu, drawn.mu);
  const logvar = joined(chosen.logvar, drawn.logvar);
  const reconstructions = await space.decode(mu);
  const random = createRandom(seed);
  const sampled: Float32Array[][] = [];
  for (let n = 0; n < draws; n++) sampled.push(await space.decode(sampleCodes(mu, logvar, random)));
  return {
    sheet: await reconstructionSheet(tiles, reconstructions, sampled, chosen.tiles.length),
    numbers: tiles.map((tile, i) => ({
      ...placeOf(tile),
      chosen: i < chosen.tiles.length,
      rms: rmsOf(residualOf(tile, reconstructions[i]!)),
      drawn_rms: sampled.map((pictures) => rmsOf(residualOf(tile, pictures[i]!))),
      mu: Array.from(mu.subarray(i * space.latent, (i + 1) * space.latent)),
    })),
  };
}

async function walkThrough({ ends, drawn, space, walkSide }: Exploration) {
  const coded = ends.tiles.length === 2 ? ends : drawn;
  const [first, last] = farthestPair(coded.mu, coded.tiles.length);
  const code = (i: number) => coded.mu.slice(i * space.latent, (i + 1) * space.latent);
  const [from, to] = [coded.tiles[first]!, coded.tiles[last]!];
  const count = walkSide ** 2;
  const pictures = await space.decode(walkBetween(code(first), code(last), count));
  const steps = stepsBetween(joined(...pictures), count);
  return {
    sheet: await walkSheet([from, to], pictures, walkSide),
    numbers: {
      from: placeOf(from),
      to: placeOf(to),
      side: walkSide,
      distance: distanceBetween(code(first), code(last)),
      step_rms: steps,
    },
  };
}

async function traverse({ drawn, space }: Exploration, units: readonly number[]): Promise<Sheet> {
  const code = drawn.mu.slice(0, space.latent);
  const rows: { unit: number; pictures: Float32Array[] }[] = [];
  for (const unit of units)
    rows.push({ unit, pictures: await space.decode(traverseUnit(code, unit, TRAVERSED_VALUES)) });
  return traversalSheet(drawn.tiles[0]!, TRAVERSED_VALUES, rows);
}

/** A tile as `explore.json` names it. */
export function placeOf({ file, x, y, score }: CutTile) {
  return { file, x, y, score };
}

function joined(...parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

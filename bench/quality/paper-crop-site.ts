import { createRandom, type Random } from '../../src/domain/random.js';
import type { Picture } from './crops.js';
import { FOLDS, NEVER_TRAINED } from './folds.js';
import {
  TILE,
  tilesHolding,
  type Experiment,
  type Lander,
  type Site,
  type SitePicture,
} from './paper-experiments.js';
import { GroundPicture } from './render/ground.js';
import { renderBody } from './render/light.js';
import { between, lander } from './render/objects.js';

/** The part of a crop that is the toy's site; the others are two crops, and a fold with the boulder field. */
const TOY = { width: 704, height: 384 } as const;
const SIZE_PX = [4, 9] as const;
const LONGEST_SHADOW = 16;
const MOST_EMISSION_DEG = 8;
/** Ground between these shares of the picture's median is lit and about level. */
const LEVEL = { low: 0.5, high: 1.5 } as const;
const TRIES = 10_000;

/** Landers of one picture stand at least so far apart, px. */
const APART = 170;

/** Which crop a site lies in: all in turn, fold by fold. */
export function cropOf(site: number): { readonly fold: number; readonly index: number } {
  return { fold: site % FOLDS.length, index: Math.floor(site / FOLDS.length) % FOLDS[0]!.length };
}

/** Crops of one fold with landers drawn into one of them, in its own light. */
export function cropSite(experiment: Experiment, site: number, crops: readonly Picture[]): Site {
  const { fold, index } = cropOf(site);
  const named = (name: string): Picture => crops.find((crop) => crop.name === name)!;
  const names = FOLDS[fold]!;
  const turned = names.map((_, i) => named(names[(i + index) % names.length]!));
  const random = createRandom(104_729 * site + experiment.strideY);
  const [first, second] = turned as [Picture, Picture];
  const [picture, ...others] = {
    toy: [part(first, random)],
    validation: [first, second],
    test: [...turned, named(NEVER_TRAINED)],
  }[experiment.name] as [Picture, ...Picture[]];
  const landers = findPlaces(picture, experiment, random).map((place) => ({
    ...place,
    sizePx: between(...SIZE_PX, random),
  }));
  const data = Uint8Array.from(picture.data);
  for (const lander of landers) drawLander(data, picture, lander, random);
  const drawn: SitePicture = { ...picture, name: `${picture.name} with landers`, data };
  return { pictures: [drawn, ...others], landers, others: [] };
}

function part(crop: Picture, random: Random): Picture {
  const left = random.integer(crop.width - TOY.width + 1);
  const top = random.integer(crop.height - TOY.height + 1);
  const data = new Uint8Array(TOY.width * TOY.height);
  for (let row = 0; row < TOY.height; row++) {
    const from = (top + row) * crop.width + left;
    data.set(crop.data.subarray(from, from + TOY.width), row * TOY.width);
  }
  return { ...crop, ...TOY, data };
}

/** Lit places apart from each other that as many tiles hold as the experiment has positives. */
function findPlaces(
  picture: Picture,
  { positives, strideY, landers }: Experiment,
  random: Random,
): { readonly x: number; readonly y: number }[] {
  const ground = new GroundPicture(picture);
  const found: { x: number; y: number }[] = [];
  for (let n = 0; n < TRIES && found.length < landers; n++) {
    const x = between(TILE, picture.width - TILE, random);
    const y = between(TILE, picture.height - TILE, random);
    const level = ground.level(x, y) / ground.median;
    if (level < LEVEL.low || level > LEVEL.high || tilesHolding({ x, y }, strideY) !== positives) continue;
    if (found.every((other) => Math.hypot(other.x - x, other.y - y) > APART)) found.push({ x, y });
  }
  if (found.length < landers) throw new Error(`${picture.name} has no lit places for ${landers} landers`);
  return found;
}

function drawLander(data: Uint8Array, picture: Picture, { x, y, sizePx }: Lander, random: Random): void {
  const ground = new GroundPicture(picture);
  const level = ground.level(x, y);
  const incidenceDeg = between(...picture.incidenceDeg, random);
  const tallest = LONGEST_SHADOW / Math.tan((incidenceDeg * Math.PI) / 180);
  const emission = (between(0, MOST_EMISSION_DEG, random) * Math.PI) / 180;
  const azimuth = 2 * Math.PI * random.uniform();
  const towardsCamera = {
    x: Math.sin(emission) * Math.cos(azimuth),
    y: Math.sin(emission) * Math.sin(azimuth),
    z: Math.cos(emission),
  };
  const { solids } = lander(sizePx, tallest, random);
  const most = Math.max(1, ground.bright / Math.max(level, 1));
  const light = { shadow: picture.shadow, incidenceDeg, towardsCamera };
  ground.place(data, renderBody(solids, { x, y }, light, most), level, random);
}

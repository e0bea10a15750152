import { createRandom } from '../../src/domain/random.js';
import type { PlantedObject } from '../../src/simulation/planted.js';
import { planScene } from '../../src/simulation/scene.js';
import { STRIDE_X, TILE, tilesHolding, type Box, type Experiment, type Site } from './paper-experiments.js';

/** Columns and rows of tiles: enough for the experiment without those that touch other hardware. */
const GRIDS = {
  toy: { columns: 22, rows: 13 },
  validation: { columns: 45, rows: 57 },
  test: { columns: 66, rows: 138 },
} as const;
/** The picture is cut out of a larger one, so that landers fall where enough tiles hold them, px. */
const SHIFT = 32;
/** The Sun's angle from the vertical; ground resolution as the paper's, better than 0.8 m a pixel. */
const INCIDENCE_DEG = [35, 72] as const;
const RESOLUTION_M = [0.5, 0.8] as const;
/** What a rover's way may stray from the straight line, px. */
const ASTRAY = 25;

/** Landers planned for each that is wanted, since not all fall where enough tiles hold them. */
const PLANNED = { toy: 1, validation: 5, test: 7 } as const;

/**
 * Smooth synthetic ground with landers of 4 to 9 px, some of them with a rover and its tracks or debris near by.
 * The picture begins where enough tiles hold as many landers as possible.
 */
export function syntheticSite(experiment: Experiment, site: number): Site {
  const { name, strideY, landers: wanted } = experiment;
  const { columns, rows } = GRIDS[name];
  const width = TILE + (columns - 1) * STRIDE_X;
  const height = TILE + (rows - 1) * strideY;
  const random = createRandom(7919 * site + strideY);
  const angle = 2 * Math.PI * random.uniform();
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random.uniform();
  const towardsSun = { x: Math.cos(angle), y: Math.sin(angle) };
  const resolution = between(RESOLUTION_M);
  const samples = width + SHIFT;
  const lines = height + SHIFT;
  const scene = planScene({
    seed: 100_000 + 1000 * strideY + site,
    lines,
    samples,
    terrain: 'smooth',
    towardsSun,
    incidenceDeg: between(INCIDENCE_DEG),
    pixelAcrossM: resolution,
    pixelAlongM: resolution,
    frame: 'LEFT',
    landers: PLANNED[name],
  });
  const planned = scene.truth.filter(({ kind }) => kind === 'lander');
  const origin = bestOrigin(planned, experiment);
  const landers = fitting(planned, origin, experiment).slice(0, wanted);
  const whole = scene.render(0, lines);
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (origin.y + row) * samples + origin.x;
    data.set(whole.subarray(from, from + width), row * width);
  }
  const shadow = { x: -towardsSun.x, y: -towardsSun.y };
  const shifted = (object: PlantedObject): PlantedObject => ({
    ...object,
    sample: object.sample - origin.x,
    line: object.line - origin.y,
  });
  const isOther = ({ kind }: PlantedObject): boolean => kind !== 'crater' && kind !== 'tracks';
  return {
    pictures: [{ name: `synthetic ${site}`, width, height, data, shadow }],
    landers: landers.map(shifted).map(({ sample, line, sizePx }) => ({ x: sample, y: line, sizePx })),
    others: scene.truth
      .filter((object) => isOther(object) && !landers.includes(object))
      .map((object) => boxOf(shifted(object), planned.map(shifted))),
  };
}

interface Origin {
  readonly x: number;
  readonly y: number;
}

function fitting(planned: readonly PlantedObject[], { x, y }: Origin, experiment: Experiment) {
  return planned.filter(
    ({ sample, line }) =>
      tilesHolding({ x: sample - x, y: line - y }, experiment.strideY) === experiment.positives,
  );
}

function bestOrigin(planned: readonly PlantedObject[], experiment: Experiment): Origin {
  const origins = Array.from({ length: SHIFT ** 2 }, (_, i) => ({ x: i % SHIFT, y: Math.floor(i / SHIFT) }));
  const counts = origins.map((origin) => fitting(planned, origin, experiment).length);
  return origins[counts.indexOf(Math.max(...counts))]!;
}

/** Around a thing; with a rover's tracks, its way from the nearest lander. */
function boxOf(object: PlantedObject, landers: readonly PlantedObject[]): Box {
  const apart = (other: PlantedObject) => Math.hypot(other.sample - object.sample, other.line - object.line);
  const isRover = object.kind === 'rover';
  const nearest = landers.toSorted((a, b) => apart(a) - apart(b))[0]!;
  const ends = isRover ? [object, nearest] : [object];
  const reach = isRover ? ASTRAY : object.sizePx / 2;
  const xs = ends.map(({ sample }) => sample);
  const ys = ends.map(({ line }) => line);
  return {
    x0: Math.min(...xs) - reach,
    y0: Math.min(...ys) - reach,
    x1: Math.max(...xs) + reach,
    y1: Math.max(...ys) + reach,
  };
}

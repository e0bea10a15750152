import { createRandom, type Random } from '../../src/domain/random.js';
import { METRIC_NAMES, metricsOf, type Metrics } from '../../src/evaluation/metrics.js';
import { atLeast } from '../../src/evaluation/threshold-table.js';

/** One image's plain tiles by score, ascending; masked tiles are not among them. */
export interface BenchImage {
  readonly name: string;
  readonly plain: ReadonlyMap<string, Float64Array>;
}

/** One object's positive tiles by score. */
export interface BenchObject {
  readonly image: number;
  readonly kind: string;
  readonly sizePx: number;
  readonly tiles: ReadonlyMap<string, Float64Array>;
}

/** Which objects count, in groups of equal weight, against the plain tiles of which images. */
export interface Stratum {
  readonly name: string;
  readonly images: readonly number[];
  /** Indices of objects. */
  readonly groups: readonly (readonly number[])[];
}

export interface DrawOptions {
  readonly imageDraws: number;
  readonly objectDraws: number;
  readonly seed: number;
}

/** Positive tiles of a draw to so many plain ones. */
const POSITIVES = 10;
const PLAIN = 7000;

/** Images drawn with replacement and, for each draw of them, sets of objects that stand on them. */
export interface DrawPlan {
  readonly images: readonly number[];
  readonly objects: readonly (readonly number[])[];
}

/**
 * Draws of whole images, as many as the stratum has, and for each of them sets of objects with about ten positive
 * tiles to 7,000 plain ones. All scores are measured on the same draws, so that they can be compared in pairs.
 */
export function planDraws(
  stratum: Stratum,
  images: readonly BenchImage[],
  objects: readonly BenchObject[],
  { imageDraws, objectDraws, seed }: DrawOptions,
): DrawPlan[] {
  const random = createRandom(seed);
  const plainOf = (image: number): number => images[image]!.plain.values().next().value?.length ?? 0;
  const tilesOf = (object: number): number => objects[object]!.tiles.values().next().value?.length ?? 0;
  const plans: DrawPlan[] = [];
  if (!stratum.groups.flat().some((object) => stratum.images.includes(objects[object]!.image)))
    throw new RangeError(`${stratum.name} has no object on its images.`);
  while (plans.length < imageDraws) {
    const drawn = stratum.images.map(() => stratum.images[random.integer(stratum.images.length)]!);
    const groups = stratum.groups
      .map((group) => drawn.flatMap((image) => group.filter((object) => objects[object]!.image === image)))
      .filter((group) => group.length > 0);
    if (groups.length === 0) continue;
    const plain = drawn.reduce((sum, image) => sum + plainOf(image), 0);
    const wanted = Math.max(1, Math.round((POSITIVES * plain) / PLAIN));
    plans.push({
      images: drawn,
      objects: Array.from({ length: objectDraws }, () => drawObjects(groups, wanted, tilesOf, random)),
    });
  }
  return plans;
}

function drawObjects(
  groups: readonly (readonly number[])[],
  wanted: number,
  tilesOf: (object: number) => number,
  random: Random,
): number[] {
  const chosen: number[] = [];
  for (let tiles = 0; tiles < wanted;) {
    const group = groups[random.integer(groups.length)]!;
    const object = group[random.integer(group.length)]!;
    chosen.push(object);
    tiles += tilesOf(object);
  }
  return chosen;
}

/** Metrics of one score: of each draw of images the mean over its sets of objects. */
export function metricsOfDraws(
  name: string,
  plans: readonly DrawPlan[],
  images: readonly BenchImage[],
  objects: readonly BenchObject[],
): Record<keyof Metrics, Float64Array> {
  const alarms = new Map<number, Uint32Array[]>();
  const alarmsOf = (object: number): Uint32Array[] => {
    const known = alarms.get(object);
    if (known !== undefined) return known;
    const counted = Array.from(objects[object]!.tiles.get(name)!, (score) =>
      Uint32Array.from(images, ({ plain }) => atLeast(plain.get(name)!, score)),
    );
    alarms.set(object, counted);
    return counted;
  };
  const out = { ap: [], patr: [], eomv: [] } as Record<keyof Metrics, number[]>;
  for (const { images: drawn, objects: sets } of plans) {
    const sum = { ap: 0, patr: 0, eomv: 0 };
    const plain = drawn.reduce((total, image) => total + images[image]!.plain.get(name)!.length, 0);
    for (const set of sets) {
      const tiles = set.flatMap((object) => {
        const counts = alarmsOf(object);
        return Array.from(objects[object]!.tiles.get(name)!, (score, i) => ({ score, counts: counts[i]! }));
      });
      const metrics = metricsOf(thresholdCounts(tiles, drawn, plain));
      for (const metric of METRIC_NAMES) sum[metric] += (metrics?.[metric] ?? 0) / sets.length;
    }
    for (const metric of METRIC_NAMES) out[metric].push(sum[metric]);
  }
  return {
    ap: Float64Array.from(out.ap),
    patr: Float64Array.from(out.patr),
    eomv: Float64Array.from(out.eomv),
  };
}

/** Tiles of equal score are returned together. */
function thresholdCounts(
  tiles: { readonly score: number; readonly counts: Uint32Array }[],
  drawn: readonly number[],
  plain: number,
): Parameters<typeof metricsOf>[0] {
  tiles.sort((a, b) => b.score - a.score);
  const hits: number[] = [];
  const alarms: number[] = [];
  tiles.forEach(({ score, counts }, i) => {
    if (i > 0 && tiles[i - 1]!.score === score) {
      hits[hits.length - 1]! += 1;
      return;
    }
    let sum = 0;
    for (const image of drawn) sum += counts[image]!;
    hits.push(1);
    alarms.push(sum);
  });
  return {
    hits: Float64Array.from(hits),
    alarms: Float64Array.from(alarms),
    positives: tiles.length,
    plain,
  };
}

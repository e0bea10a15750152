import { centralInterval, type Interval } from '../../src/evaluation/bootstrap.js';
import type { Metrics } from '../../src/evaluation/metrics.js';
import {
  metricsOfDraws,
  planDraws,
  type BenchImage,
  type BenchObject,
  type DrawOptions,
  type DrawPlan,
  type Stratum,
} from './draws.js';
import { foundOf, type Found } from './found.js';

export interface Estimate extends Interval {
  readonly value: number;
}

/** All of one score on one stratum. */
export interface Measured {
  readonly ap: Estimate;
  readonly patr: Estimate;
  readonly eomv: Estimate;
  readonly found: Found;
  /** Of each draw of images. */
  readonly apOfDraws: Float64Array;
}

/** Scored images and objects. */
export interface DataSet {
  readonly images: readonly BenchImage[];
  readonly objects: readonly BenchObject[];
}

/** Measures scores on one stratum, all on the same draws. */
export function measureStratum(
  stratum: Stratum,
  { images, objects }: DataSet,
  names: readonly string[],
  options: DrawOptions,
): ReadonlyMap<string, Measured> {
  const plans = planDraws(stratum, images, objects, options);
  const own = stratum.images.map((image) => images[image]!);
  const targets = stratum.groups.flat().map((object) => objects[object]!);
  return new Map(
    names.map((name) => [name, measureScore(name, plans, { images, objects }, { own, targets })]),
  );
}

function measureScore(
  name: string,
  plans: readonly DrawPlan[],
  { images, objects }: DataSet,
  { own, targets }: { own: readonly BenchImage[]; targets: readonly BenchObject[] },
): Measured {
  const drawn = metricsOfDraws(name, plans, images, objects);
  const estimate = (metric: keyof Metrics): Estimate => estimateOf(drawn[metric]);
  return {
    ap: estimate('ap'),
    patr: estimate('patr'),
    eomv: estimate('eomv'),
    found: foundOf(name, own, targets),
    apOfDraws: drawn.ap,
  };
}

/** Mean of draws and their central 95 %. */
export function estimateOf(draws: Float64Array): Estimate {
  return { value: draws.reduce((a, b) => a + b, 0) / draws.length, ...centralInterval(draws) };
}

/** AP of one score less another's on the same draws. */
export function apDifference(ours: Measured, theirs: Measured): Estimate {
  return estimateOf(ours.apOfDraws.map((ap, i) => ap - theirs.apOfDraws[i]!));
}

/** One stratum for each kind, all images. */
export function kindStratum(name: string, { images, objects }: DataSet, kinds: readonly string[]): Stratum {
  return {
    name,
    images: [...images.keys()],
    groups: kinds.map((kind) => [...objects.keys()].filter((i) => objects[i]!.kind === kind)),
  };
}

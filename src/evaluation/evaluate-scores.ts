import { TILE_ROLES, type TileAssignment } from './assign-tiles.js';
import { bootstrapIntervals, type BootstrapOptions, type Interval } from './bootstrap.js';
import { scoreHistogram, type ScoreHistogram } from './histogram.js';
import type { Label } from './labels.js';
import { baseRate, METRIC_NAMES, metricsOf, type Metrics } from './metrics.js';
import { precisionRecall, type CurvePoint } from './precision-recall.js';
import { pairedDifferences, type Difference } from './paired-bootstrap.js';
import { separationOf, type Separation } from './separation.js';
import { pooledCounts, thresholdTable, type ImageSample } from './threshold-table.js';

/** One scanned image with what it is known to hold. */
export interface EvaluatedImage {
  readonly labels: readonly Label[];
  readonly assignment: TileAssignment;
  /** Named raw scores, tiles row by row; NaN where a tile is masked. */
  readonly scores: Readonly<Record<string, Float32Array>>;
}

/** A metric with its 95 % interval over images; without `low` and `high` where there are too few images. */
export interface Estimate extends Partial<Interval> {
  readonly value: number;
}

/** How one score ranks the tiles of all images. */
export interface Evaluation extends Separation {
  readonly ap: Estimate;
  readonly patr: Estimate;
  readonly eomv: Estimate;
  /** Share of positives among the tiles: the precision of random scores. */
  readonly base_rate: number;
  readonly positive_tiles: number;
  readonly plain_tiles: number;
}

export interface ScoreEvaluation extends Evaluation {
  /** Against the same plain tiles, the positives of one class alone. */
  readonly classes: Readonly<Record<string, Evaluation>>;
  readonly curve: readonly CurvePoint[];
  readonly histogram: ScoreHistogram;
}

const PLAIN = TILE_ROLES.indexOf('plain');

/**
 * Metrics of one named score over all images.
 * @returns null when no scored tile is positive
 */
export function evaluateScore(
  images: readonly EvaluatedImage[],
  name: string,
  options: BootstrapOptions,
): ScoreEvaluation | null {
  const samples = images.map((image) => sampleOf(image, name));
  const whole = evaluateSamples(samples, options);
  if (whole === null) return null;
  const classes = classNamesOf(images).flatMap((className): [string, Evaluation][] => {
    const found = evaluateSamples(
      images.map((image, i) => ({ ...samples[i]!, positives: positivesOf(image, name, className) })),
      options,
    );
    return found === null ? [] : [[className, found.evaluation]];
  });
  return {
    ...whole.evaluation,
    classes: Object.fromEntries(classes),
    curve: whole.curve,
    histogram: scoreHistogram(
      joined(samples.map(({ positives }) => positives)),
      joined(samples.map(({ plain }) => plain)),
    ),
  };
}

/** What one score's metrics are above another's: with all positives, and with those of each class alone. */
export interface Comparison extends Readonly<Record<keyof Metrics, Difference>> {
  readonly classes: Readonly<Record<string, Readonly<Record<keyof Metrics, Difference>>>>;
}

/**
 * Metrics of the score `ours` less those of `theirs`, by a paired bootstrap over images.
 * @returns null when no scored tile is positive
 */
export function compareScores(
  images: readonly EvaluatedImage[],
  ours: string,
  theirs: string,
  options: BootstrapOptions,
): Comparison | null {
  const compare = (className?: string): Record<keyof Metrics, Difference> | null => {
    const [a, b] = [ours, theirs].map((name) =>
      thresholdTable(
        images.map((image) => ({
          ...sampleOf(image, name),
          positives: positivesOf(image, name, className),
        })),
      ),
    );
    return pairedDifferences(a!, b!, options);
  };
  const whole = compare();
  if (whole === null) return null;
  const classes = classNamesOf(images).flatMap((className) => {
    const found = compare(className);
    return found === null ? [] : [[className, found] as const];
  });
  return { ...whole, classes: Object.fromEntries(classes) };
}

function classNamesOf(images: readonly EvaluatedImage[]): string[] {
  return [...new Set(images.flatMap(({ labels }) => labels.map(({ className }) => className)))].sort();
}

function evaluateSamples(
  samples: readonly ImageSample[],
  options: BootstrapOptions,
): { readonly evaluation: Evaluation; readonly curve: CurvePoint[] } | null {
  const table = thresholdTable(samples);
  const counts = pooledCounts(table);
  const metrics = metricsOf(counts);
  if (metrics === null) return null;
  const intervals = bootstrapIntervals(table, options);
  const [ap, patr, eomv] = METRIC_NAMES.map((name) => ({ value: metrics[name], ...intervals?.[name] }));
  return {
    evaluation: {
      ap: ap!,
      patr: patr!,
      eomv: eomv!,
      base_rate: baseRate(counts),
      ...separationOf(
        joined(samples.map(({ positives }) => positives)),
        joined(samples.map(({ plain }) => plain)),
      ),
      positive_tiles: counts.positives,
      plain_tiles: counts.plain,
    },
    curve: precisionRecall(table.thresholds, counts),
  };
}

function sampleOf(image: EvaluatedImage, name: string): ImageSample {
  const scores = image.scores[name]!;
  const plain = scores.filter((score, tile) => image.assignment.role[tile] === PLAIN && !Number.isNaN(score));
  return { positives: positivesOf(image, name), plain };
}

/** A tile with several objects counts once. */
function positivesOf(
  { labels, assignment, scores }: EvaluatedImage,
  name: string,
  className?: string,
): number[] {
  const tiles = new Set(
    labels.flatMap((label, i) =>
      className === undefined || label.className === className ? assignment.tilesOf[i]! : [],
    ),
  );
  return [...tiles].map((tile) => scores[name]![tile]!).filter((score) => !Number.isNaN(score));
}

function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

import { fitLogistic, logOdds, softplus, type Examples, type LinearModel } from './logistic-regression.js';
import { metricsOf } from './metrics.js';
import { pairedDifferences, type Difference } from './paired-bootstrap.js';
import { pooledCounts, thresholdTable } from './threshold-table.js';

/** Reviewed detections. */
export interface ReviewedExamples extends Examples {
  /** `count`: number of the image, 0-based; detections of one image share light and terrain. */
  readonly images: Int32Array;
  /** `count`: what the order is measured against. */
  readonly scores: Float64Array;
}

/** What an order by reviews is worth, by cross-validation on the reviewed. */
export interface LearnedOrder {
  readonly model: LinearModel;
  readonly ridge: number;
  readonly ap: { readonly score: number; readonly learned: number; readonly gain: Difference };
  readonly eomv: { readonly score: number; readonly learned: number };
  /** Whether it surely orders better than the score: the gain's 95 % interval lies above 0. */
  readonly better: boolean;
}

/** What must have been reviewed before anything is learnt. */
export const LEAST = { reviewed: 20, finds: 5, others: 5, images: 3, findImages: 2 } as const;

const RIDGES = [1, 10, 100] as const;
const FOLDS = 5;
const INNER_FOLDS = 3;
const BOOTSTRAP = { resamples: 400, seed: 1 };

/** One sentence on what is lacking; null where there is enough. */
export function lacking({
  positive,
  images,
  count,
}: Pick<ReviewedExamples, 'positive' | 'images' | 'count'>) {
  const finds = positive.reduce((sum, one) => sum + one, 0);
  const findImages = new Set(images.filter((_, i) => positive[i] === 1)).size;
  if (count < LEAST.reviewed) return `${LEAST.reviewed - count} more reviews are needed`;
  if (finds < LEAST.finds) return `${LEAST.finds - finds} more finds are needed`;
  if (count - finds < LEAST.others)
    return `${LEAST.others - (count - finds)} more that are no finds are needed`;
  if (new Set(images).size < LEAST.images) return `reviews in at least ${LEAST.images} images are needed`;
  if (findImages < LEAST.findImages) return `finds in at least ${LEAST.findImages} images are needed`;
  return null;
}

/**
 * Learns an order and tells by cross-validation whether it is better than the score's. No image is both learnt from
 * and judged; the ridge of each fold is chosen within what it learns from.
 *
 * @param examples of which `lacking` says nothing
 */
export function learnOrder(examples: ReviewedExamples): LearnedOrder {
  const all = Array.from({ length: examples.count }, (_, i) => i);
  const judged = new Float64Array(examples.count);
  for (const held of foldsOf(examples, all, FOLDS)) {
    const outside = new Set(held);
    const rows = all.filter((row) => !outside.has(row));
    const model = fitLogistic(examples, rows, chooseRidge(examples, rows));
    for (const row of held) judged[row] = logOdds(model, examples.features, row * examples.width);
  }
  const [learned, score] = [tableOf(examples, judged), tableOf(examples, examples.scores)];
  const [ours, theirs] = [metricsOf(pooledCounts(learned))!, metricsOf(pooledCounts(score))!];
  const gain = pairedDifferences(learned, score, BOOTSTRAP)!.ap;
  const ridge = chooseRidge(examples, all);
  return {
    model: fitLogistic(examples, all, ridge),
    ridge,
    ap: { score: theirs.ap, learned: ours.ap, gain },
    eomv: { score: theirs.eomv, learned: ours.eomv },
    better: (gain.low ?? 0) > 0,
  };
}

/** The ridge with the least log-loss on images that were held out; the strongest where nothing can be held out. */
function chooseRidge(examples: ReviewedExamples, rows: readonly number[]): number {
  const folds = foldsOf(examples, rows, INNER_FOLDS);
  const losses = RIDGES.map((ridge) => {
    let loss = 0;
    let judged = 0;
    for (const held of folds) {
      const outside = new Set(held);
      const rest = rows.filter((row) => !outside.has(row));
      if (!hasBoth(examples, rest)) continue;
      const model = fitLogistic(examples, rest, ridge);
      for (const row of held) {
        const z = logOdds(model, examples.features, row * examples.width);
        loss += softplus(z) - examples.positive[row]! * z;
        judged += 1;
      }
    }
    return judged === 0 ? Infinity : loss / judged;
  });
  const least = Math.min(...losses);
  return Number.isFinite(least) ? RIDGES[losses.indexOf(least)]! : RIDGES.at(-1)!;
}

function hasBoth({ positive }: Examples, rows: readonly number[]): boolean {
  return rows.some((row) => positive[row] === 1) && rows.some((row) => positive[row] === 0);
}

/** Whole images, spread so that finds and reviews are even; at most as many folds as images have finds. */
function foldsOf(examples: ReviewedExamples, rows: readonly number[], most: number): number[][] {
  const byImage = new Map<number, number[]>();
  for (const row of rows) {
    const image = examples.images[row]!;
    byImage.set(image, [...(byImage.get(image) ?? []), row]);
  }
  const finds = (part: readonly number[]) => part.filter((row) => examples.positive[row] === 1).length;
  const images = [...byImage].sort(
    ([a, left], [b, right]) => finds(right) - finds(left) || right.length - left.length || a - b,
  );
  const count = Math.max(2, Math.min(most, images.filter(([, part]) => finds(part) > 0).length));
  const folds = Array.from({ length: count }, (): number[] => []);
  for (const [, part] of images) {
    const emptiest = [...folds].sort((a, b) => finds(a) - finds(b) || a.length - b.length)[0]!;
    emptiest.push(...part);
  }
  return folds.filter((fold) => fold.length > 0);
}

function tableOf(examples: ReviewedExamples, values: Float64Array) {
  const count = Math.max(...examples.images) + 1;
  const samples = Array.from({ length: count }, () => ({ positives: [] as number[], plain: [] as number[] }));
  values.forEach((value, row) => {
    const sample = samples[examples.images[row]!]!;
    (examples.positive[row] === 1 ? sample.positives : sample.plain).push(value);
  });
  return thresholdTable(samples);
}

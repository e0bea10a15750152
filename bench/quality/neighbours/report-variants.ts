import type { DrawOptions } from '../draws.js';
import { HARDWARE } from '../injections.js';
import { apDifference, kindStratum, measureStratum } from '../measure.js';
import { percent, tableLines, withInterval } from '../table.js';
import { type CollectedVariants, nameOf, SCORES } from './collect-variants.js';
import { type TrainedVariant, VARIANTS, type Variant } from './train-variant.js';

export type TrainedOfFold = { readonly fold: number; readonly variant: Variant } & TrainedVariant;

const HEAD = ['score', 'zeros', 'neighbours', 'difference', 'top: zeros', 'neighbours'];

/** Average precision of both variants on the same draws, and what one has above the other. */
export function reportVariants(
  collected: readonly CollectedVariants[],
  trained: readonly TrainedOfFold[],
  draws: DrawOptions,
): { lines: string[]; figures: Record<string, number> } {
  const variants = Object.keys(VARIANTS) as Variant[];
  const data = {
    images: collected.map(({ image }) => image),
    objects: collected.flatMap(({ objects }) => objects),
  };
  const names = SCORES.flatMap((score) => variants.map((variant) => nameOf(variant, score)));
  const figures: Record<string, number> = {};
  const plain = data.images.reduce((sum, image) => sum + image.plain.get(names[0]!)!.length, 0);
  const count = (kind: string): number => data.objects.filter((object) => object.kind === kind).length;
  figures['images'] = data.images.length;
  figures['plain_tiles'] = plain;
  const lines = [
    `${data.images.length} real crops, ${plain} plain tiles; drawn in: ${HARDWARE.map((kind) => `${count(kind)} x ${kind}`).join(', ')}`,
    `average precision: ten positive tiles to 7,000 plain ones, means and 95 % intervals over ${draws.imageDraws} draws of images with ${draws.objectDraws} sets of objects each, the same for both`,
    'difference: neighbours less zeros, draw by draw; top: share of objects in the top 0.2 / 1 / 5 % of tiles',
  ];
  for (const stratum of ['overall', ...HARDWARE]) {
    const kinds = stratum === 'overall' ? HARDWARE : [stratum];
    const measured = measureStratum(kindStratum(stratum, data, kinds), data, names, draws);
    const rows = SCORES.map((score) => {
      const [zeros, neighbours] = (['zeros', 'neighbours'] as const).map((variant) =>
        measured.get(nameOf(variant, score))!,
      );
      const columns = {
        zeros: zeros!.ap,
        neighbours: neighbours!.ap,
        difference: apDifference(neighbours!, zeros!),
      };
      for (const [column, { value, low, high }] of Object.entries(columns))
        Object.assign(figures, {
          [`${stratum}.${score}.${column}`]: value,
          [`${stratum}.${score}.${column}_low`]: low,
          [`${stratum}.${score}.${column}_high`]: high,
        });
      const tops = [zeros!, neighbours!].map(({ found }) => found.top);
      tops.forEach(([few, more, most], i) => {
        const name = `${stratum}.${score}.${i === 0 ? 'zeros' : 'neighbours'}`;
        figures[`${name}_top_0.2_percent`] = few!;
        figures[`${name}_top_1_percent`] = more!;
        figures[`${name}_top_5_percent`] = most!;
      });
      return [
        score,
        ...Object.values(columns).map(withInterval),
        ...tops.map((shares) => shares.map(percent).join(' / ')),
      ];
    });
    lines.push('', stratum, ...tableLines([HEAD, ...rows]));
  }
  lines.push(
    '',
    'squared error summed over a tile, mean: in the last epoch of training, and on the crops that were not seen',
  );
  const rows = trained.map(({ fold, variant, losses, tiles }) => {
    figures[`fold${fold}.${variant}.training_squared_error`] = losses.squaredError;
    figures[`fold${fold}.${variant}.divergence`] = losses.divergence;
    return [
      `fold ${fold}`,
      variant,
      `${tiles} tiles`,
      losses.squaredError.toFixed(2),
      losses.divergence.toFixed(1),
    ];
  });
  lines.push(...tableLines([['', '', '', 'squared error', 'divergence, nats'], ...rows]));
  for (const variant of variants) {
    const errors = collected.flatMap(({ squaredErrors }) => Array.from(squaredErrors.get(variant)!));
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    figures[`unseen.${variant}.squared_error`] = mean;
    lines.push(`not seen, ${variant}: ${mean.toFixed(2)}`);
  }
  return { lines, figures };
}

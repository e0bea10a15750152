/**
 * A VAE that was trained with real neighbours around each tile against one that was trained with zeros there, all
 * else alike: how well each finds hardware drawn into real crops that neither has seen. Which of the scores the VAE
 * decides is in `SCORES`; the learned scorer behind `c` is the shipped model's, which has seen all crops but one, so
 * that only the difference between the two says anything there.
 *
 * Usage: npm run bench -- quality/neighbours [--fold 1,2,3] [--epochs 5] [--seed 1] [--cache FOLDER]
 *        [--json] [--write]
 * What is trained is kept (5 to 10 minutes a model on two cores), so that the same command then scores alone;
 * --write: into bench/results.
 */
import { parseArgs } from 'node:util';
import { loadTensorFlow } from '../../src/model/tensorflow.js';
import { benchCache } from '../harness/cache.js';
import { note, readOptions, wholeNumber } from '../harness/options.js';
import { cropsAndModel } from './crops-and-model.js';
import { foldOf, FOLDS } from './folds.js';
import { collectVariants, type CollectedVariants } from './neighbours/collect-variants.js';
import { CommonParts } from './neighbours/common-parts.js';
import { reportVariants } from './neighbours/report-variants.js';
import { trainVariant, type TrainedVariant, VARIANTS, type Variant } from './neighbours/train-variant.js';
import { VariantScorer } from './neighbours/variant-scorer.js';
import { publishTables } from './publish-tables.js';

/** Objects are drawn alike whatever the seed of the training. */
const OBJECT_SEED = 1;
const DRAWS = { imageDraws: 200, objectDraws: 25, seed: 1 };

async function main(): Promise<void> {
  const { folds, epochs, seed, cache, json, write } = givenOptions();
  const subjects = await cropsAndModel();
  if (subjects === null) return;
  const { data, crops, shipped } = subjects;
  const tf = await loadTensorFlow();
  const common = await CommonParts.open(shipped);
  const collected: CollectedVariants[] = [];
  const trained: ({ fold: number; variant: Variant } & TrainedVariant)[] = [];
  try {
    for (const fold of folds) {
      const scorers = new Map<Variant, VariantScorer>();
      for (const variant of Object.keys(VARIANTS) as Variant[]) {
        const one = await trainVariant({ variant, fold, epochs, seed, data, cache });
        trained.push({ fold, variant, ...one });
        scorers.set(variant, new VariantScorer(tf, one.margin, one.weights));
      }
      for (const crop of crops.filter(({ name }) => foldOf(name) === fold - 1)) {
        collected.push(await collectVariants(scorers, common, crop, collected.length, OBJECT_SEED));
        note(`${crop.name} is scored`);
      }
      for (const scorer of scorers.values()) scorer.dispose();
    }
  } finally {
    await common.close();
  }
  const command = `npm run bench -- quality/neighbours --fold ${folds.join(',')} --epochs ${epochs} --seed ${seed}`;
  const tables = reportVariants(collected, trained, DRAWS);
  await publishTables({ bench: 'quality-neighbours', command, ...tables }, { json, write });
}

function givenOptions() {
  return readOptions(() => {
    const { values: o } = parseArgs({
      options: {
        fold: { type: 'string', default: '1,2,3' },
        epochs: { type: 'string', default: '5' },
        seed: { type: 'string', default: '1' },
        cache: { type: 'string' },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
      },
    });
    const folds = o.fold.split(',').map((text) => wholeNumber('--fold', text));
    if (folds.some((fold) => fold > FOLDS.length)) throw new Error(`--fold is 1 to ${FOLDS.length}`);
    return {
      folds,
      epochs: wholeNumber('--epochs', o.epochs),
      seed: wholeNumber('--seed', o.seed),
      cache: o.cache ?? benchCache('neighbours'),
      ...{ json: o.json, write: o.write },
    };
  });
}

await main();

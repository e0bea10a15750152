/**
 * The learned scorer of hardware, trained further with real neighbours around each tile against with zeros there: how
 * well each finds hardware drawn into real crops and into synthetic scenes. Both begin with the shipped net and see the
 * same examples in the same order. Both saw all crops but M143947267L before, so that on these only the difference
 * says anything; neither saw the synthetic scenes.
 *
 * Usage: npm run bench -- quality/net-neighbours [--steps 800] [--seed 1] [--train zeros|neighbours] [--cache FOLDER]
 *        [--json] [--write]
 * What is trained is kept, so that the same command then scores alone; --train: trains one of the two and ends;
 * --write: into bench/results, of another seed than 1 under its name.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { syntheticTerrains } from '../../src/cli/synthetic-terrains.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { readSafetensors } from '../../src/model/safetensors.js';
import { loadTensorFlow } from '../../src/model/tensorflow.js';
import { readTerrains } from '../../src/training/hardware/terrains.js';
import { benchCache } from '../harness/cache.js';
import { note, readOptions, wholeNumber } from '../harness/options.js';
import { cropsAndModel } from './crops-and-model.js';
import { NEVER_TRAINED } from './folds.js';
import { collectNets, type CollectedNets } from './net-neighbours/collect-nets.js';
import { NET_VARIANTS, type NetVariant } from './net-neighbours/net-planes.js';
import { NetScorers } from './net-neighbours/net-scorers.js';
import { reportNets } from './net-neighbours/report-nets.js';
import { type TrainedNet, trainNetVariant } from './net-neighbours/train-net-variant.js';
import { publishTables } from './publish-tables.js';
import { syntheticGround } from './synthetic-ground.js';

/** Objects are drawn alike whatever the seed of the training. */
const OBJECT_SEED = 1;
const DRAWS = { imageDraws: 200, objectDraws: 25, seed: 1 };
/** As the shipped net was trained. */
const TERRAINS = { sun: 'models/starter-sun.json', synthetic: 4, seed: 1 };
/** Eight scenes of the sides of a crop, of other seeds than those that are trained on. */
const SCENES = { side: 800, seeds: [400, 500] };

async function main(): Promise<void> {
  const { steps, seed, train, cache, json, write } = givenOptions();
  const subjects = await cropsAndModel();
  if (subjects === null) return;
  const { data, crops, shipped } = subjects;
  const tf = await loadTensorFlow();
  const { weightsPath } = await loadModelFolder(shipped);
  const start = readSafetensors(await readFile(weightsPath), weightsPath);
  const terrains = [
    ...(await readTerrains([data], [NEVER_TRAINED], TERRAINS.sun)),
    ...syntheticTerrains(TERRAINS.synthetic, TERRAINS.seed),
  ];
  const trained = new Map<NetVariant, TrainedNet>();
  for (const variant of train === undefined ? NET_VARIANTS : [train])
    trained.set(variant, await trainNetVariant(tf, { variant, steps, seed, terrains, start, cache }));
  if (train !== undefined) return;

  const scorers = await NetScorers.open(tf, shipped, start, trained);
  const collected: CollectedNets[] = [];
  const scenes = SCENES.seeds.flatMap((first) => syntheticGround(SCENES.side, first));
  try {
    for (const picture of [...crops, ...scenes]) {
      collected.push(await collectNets(scorers, picture, collected.length, OBJECT_SEED));
      note(`${picture.name} is scored`);
    }
  } finally {
    await scorers.close();
  }
  const command = `npm run bench -- quality/net-neighbours --steps ${steps} --seed ${seed}`;
  const groups = {
    crops: new Set(crops.map(({ name }) => name)),
    unseen: new Set([NEVER_TRAINED, ...scenes.map(({ name }) => name)]),
  };
  const { lines, figures } = reportNets(collected, groups, trained, DRAWS);
  const bench = `quality-net-neighbours${seed === 1 ? '' : `-seed-${seed}`}`;
  await publishTables({ bench, command, lines, figures: shortened(figures) }, { json, write });
}

/** Four digits; more would say more than was measured. */
function shortened(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
}

function givenOptions() {
  return readOptions(() => {
    const { values: o } = parseArgs({
      options: {
        steps: { type: 'string', default: '800' },
        seed: { type: 'string', default: '1' },
        train: { type: 'string' },
        cache: { type: 'string' },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
      },
    });
    const train = NET_VARIANTS.find((variant) => variant === o.train);
    if (train !== o.train) throw new Error(`--train is ${NET_VARIANTS.join(' or ')}`);
    return {
      train,
      steps: wholeNumber('--steps', o.steps),
      seed: wholeNumber('--seed', o.seed),
      cache: o.cache ?? benchCache('net-neighbours'),
      ...{ json: o.json, write: o.write },
    };
  });
}

await main();

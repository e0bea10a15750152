/**
 * How well each score finds hardware: real NAC crops with objects drawn in by ray casting, each crop scored by
 * models that never saw it, and scenes of the synthetic Moon. Baselines stand in the same tables.
 *
 * Usage: npm run bench:quality -- [--models FOLDER] [--model FOLDER] [--seed N] [--quick] [--json] [--write]
 * --models: a folder of fold<n>@<hash> (default bench/.folds, made by `npm run bench -- quality/train-folds`);
 * --model: one model for all crops instead, which then has seen most of them; --write: into bench/results.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createLogger } from '../../src/telemetry/logger.js';
import { startProgress } from '../../src/telemetry/progress.js';
import { drawFigure } from '../../src/figures/draw-figure.js';
import { shippedModel } from '../shipped-model.js';
import { apFigure } from './ap-figure.js';
import { collectCrop, type CollectedCrop, type CollectedImage } from './collect.js';
import { dataFolder, readCrops, type Picture } from './crops.js';
import { FOLD_FOLDER, foldModels, foldOf, FOLDS, trainingCrops } from './folds.js';
import { FoldScorer } from './fold-scorer.js';
import { ROUNDS } from './injections.js';
import { report } from './report.js';
import { collectSynthetic } from './synthetic.js';

const SCENES = 12;
/** What --quick measures: whether it runs, on two crops of one fold. */
const QUICK = {
  rounds: { lander: 1, 'large lander': 0, rover: 1, debris: 1, tracks: 1, boulder: 1 },
  crops: ['M115143943', 'M180000082'],
  trainingCrops: 2,
  scenes: 1,
};
const RESULTS = 'bench/results';

async function main(): Promise<void> {
  const { values: o } = parseArgs({
    options: {
      models: { type: 'string', default: FOLD_FOLDER },
      model: { type: 'string' },
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const crops = await readCrops(dataFolder(process.cwd()));
  if (!crops) {
    console.log(`no real crops at ${dataFolder(process.cwd())}: nothing measured`);
    return;
  }
  const started = performance.now();
  const log = createLogger('info', 'bench-quality');
  const seed = Number(o.seed);
  const folders = modelsOf(o.models, o.model);
  const used = o.quick ? crops.filter(({ name }) => QUICK.crops.includes(name)) : crops;
  const scenes = o.quick ? QUICK.scenes : SCENES;
  const progress = startProgress(log, 'scoring', used.length + scenes, 'pictures');
  let done = 0;
  const collected = new Map<string, CollectedCrop>();
  const synthetic: CollectedImage[] = [];
  const models: { id: string; score: string }[] = [];
  for (const [fold, folder] of folders.entries()) {
    const own = used.filter(({ name }) => foldOf(name) === fold);
    if (own.length === 0) continue;
    const training = crops
      .filter(({ name }) => trainingCrops(fold).includes(name))
      .slice(0, o.quick ? QUICK.trainingCrops : undefined);
    const scorer = await FoldScorer.open(folder, training, seed);
    models.push({ id: scorer.model.id, score: scorer.model.manifest.score });
    try {
      for (const crop of own) {
        const index = used.indexOf(crop);
        collected.set(
          crop.name,
          await collectCrop(scorer, crop, index, o.quick ? QUICK.rounds : ROUNDS, seed),
        );
        progress.update(++done);
      }
      for (let n = 0; fold === 0 && n < scenes; n++) {
        synthetic.push(await collectSynthetic(scorer, n, seed));
        progress.update(++done);
      }
    } finally {
      await scorer.close();
    }
  }
  progress.stop();
  const real = used.map(({ name }: Picture) => collected.get(name)!);
  const { lines, figures, ratios, bars, subtitle } = report({
    crops: used,
    real,
    synthetic,
    models,
    crossValidated: o.model === undefined,
    draws: { imageDraws: 200, objectDraws: o.quick ? 10 : 25, seed },
  });
  const seconds = (performance.now() - started) / 1000;
  lines.push('', `${seconds.toFixed(0)} s on ${machine()}`);
  const result = { bench: 'quality', machine: machine(), figures: { ...figures, seconds }, ratios };
  console.log(lines.join('\n'));
  if (o.write) {
    await mkdir(RESULTS, { recursive: true });
    await writeFile(`${RESULTS}/quality.txt`, `${lines.join('\n')}\n`);
    await writeFile(`${RESULTS}/quality.json`, `${JSON.stringify(result, null, 1)}\n`);
    const title = 'Hardware drawn into real crops: average precision by score and class';
    const { svg, png } = await drawFigure(apFigure(bars, title, subtitle));
    await writeFile(`${RESULTS}/quality.svg`, svg);
    await writeFile(`${RESULTS}/quality.png`, png);
  }
  if (o.json) console.log(JSON.stringify(result));
}

/** A model folder for each fold. */
function modelsOf(directory: string, one: string | undefined): string[] {
  if (one !== undefined) return FOLDS.map(() => (one === 'shipped' ? (shippedModel() ?? one) : one));
  return foldModels(directory).map((folder, i) => {
    if (folder === null)
      throw new Error(
        `${directory} has no model of fold ${i + 1}: run \`npm run bench -- quality/train-folds\`, or name one by --model`,
      );
    return folder;
  });
}

function machine(): string {
  return `${cpus()[0]?.model ?? process.arch} x ${cpus().length}`;
}

await main();

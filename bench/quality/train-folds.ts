/**
 * Trains the models that `npm run bench:quality` scores with: for each fold one that never saw its crops, by
 * `selenoscan train` and `selenoscan train-hardware`, into bench/.folds. About 45 minutes on two cores.
 *
 * Usage: npm run bench -- quality/train-folds [--epochs 5] [--seed 1] [--out bench/.folds] [--fold 1,2,3]
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { dataFolder } from './crops.js';
import { FOLD_FOLDER, foldModels, FOLDS, NEVER_TRAINED } from './folds.js';

const SUN = 'models/starter-sun.json';

const { values: o } = parseArgs({
  options: {
    epochs: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: FOLD_FOLDER },
    fold: { type: 'string', default: '1,2,3' },
  },
});
for (const fold of o.fold.split(',').map(Number)) {
  const crops = FOLDS[fold - 1];
  if (crops === undefined) throw new Error(`--fold ${fold} is none of 1 to ${FOLDS.length}`);
  const left = [...crops, NEVER_TRAINED].flatMap((name) => ['--exclude', name]);
  const data = dataFolder(process.cwd());
  const name = `fold${fold}`;
  const model = run([
    ...['train', data, ...left, '--out', o.out, '--name', name, '--sun', SUN],
    ...['--validation', '0', '--epochs', o.epochs, '--seed', o.seed, '--json'],
  ]);
  run([
    ...['train-hardware', model, data, ...left, '--out', o.out, '--name', `${name}-hardware`],
    ...['--sun', SUN, '--seed', o.seed, '--json'],
  ]);
}
console.log(foldModels(o.out).join('\n'));

/** @returns the model folder that the command wrote */
function run(words: string[]): string {
  const { status, stdout } = spawnSync(process.execPath, ['bin/selenoscan.js', ...words], {
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`selenoscan ${words[0]} ended with ${status}`);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { model: string }).model;
}

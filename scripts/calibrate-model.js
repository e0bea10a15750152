import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ensureBuilt } from './ensure-built.js';

/**
 * Makes a model folder's calibration, reference scores and card anew from its weights, as `selenoscan train`
 * does at its end: `npm run model:calibrate -- MODEL_FOLDER IMAGE_FOLDER [SUN_FILE [EXCLUDED_TEXT…]]`. Needed
 * when the scores themselves have changed; the weights, and so the folder's name, stay.
 */
const [folder, images, sunFile, ...exclude] = process.argv.slice(2);
if (folder === undefined || images === undefined) {
  console.error('usage: npm run model:calibrate -- MODEL_FOLDER IMAGE_FOLDER [SUN_FILE [EXCLUDED_TEXT…]]');
  process.exit(2);
}
ensureBuilt();
const load = (path) => import(`../dist/${path}.js`);
const { loadModelFolder } = await load('model/load-model-folder');
const { readSafetensors } = await load('model/safetensors');
const { makeModel } = await load('training/make-model');
const { readTrainingImages } = await load('training/images');
const { readSunDirections } = await load('training/sun-directions');

const model = await loadModelFolder(folder);
const parent = await mkdtemp(join(tmpdir(), 'selenoscan-model-'));
try {
  const made = await makeModel({
    parent,
    name: model.manifest.name,
    architecture: model.manifest.architecture,
    weights: readSafetensors(await readFile(model.weightsPath), model.weightsPath),
    training: model.manifest.training,
    images: await readTrainingImages([images], model.manifest.architecture.channels, exclude),
    ...(sunFile === undefined ? {} : { sun: await readSunDirections(sunFile) }),
  });
  if (basename(made) !== basename(folder.replace(/\/$/, '')))
    throw new Error(`the same weights gave ${basename(made)}: the folder's name would change`);
  await cp(made, folder, { recursive: true });
  console.log(`calibrated ${folder}`);
} finally {
  await rm(parent, { recursive: true, force: true });
}

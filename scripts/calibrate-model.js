import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './ensure-built.js';

/**
 * Makes a model folder's calibration, reference scores and card anew from its graphs, as `selenoscan train`
 * does at its end, and by lighting where that of the images is known. Weights and graphs, and so the folder's name,
 * stay.
 */
const USAGE =
  'usage: npm run model:calibrate -- MODEL_FOLDER IMAGE_FOLDER|--reference [--sun FILE] [--incidence FILE] [--synthetic SEEDS] [--exclude TEXT]…\n' +
  '  --reference  the reference scores alone\n' +
  '  --sun        JSON of file names and directions towards the Sun, degrees clockwise from up\n' +
  '  --incidence  JSON of file names and angles of the Sun from the zenith, degrees\n' +
  '  --synthetic  so many synthetic scenes of each terrain and lighting stand in where no image has like light (default 3)';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    reference: { type: 'boolean', default: false },
    sun: { type: 'string' },
    incidence: { type: 'string' },
    synthetic: { type: 'string', default: '3' },
    exclude: { type: 'string', multiple: true, default: [] },
  },
});
const [folder, images] = positionals;
if (folder === undefined || (images === undefined) !== values.reference) {
  console.error(USAGE);
  process.exit(2);
}
ensureBuilt();
const load = (path) => import(`../dist/${path}.js`);
const { manifestSchema } = await load('model/manifest');
const { HARDWARE_FILE, MANIFEST_FILE, MODEL_FILES } = await load('model/load-model-folder');
const { createOnnxScorer } = await load('scoring/engines/onnx-scorer');
const { calibrateOnImages } = await load('training/calibrate');
const { scoreReference } = await load('training/reference-scores');
const { modelCard } = await load('training/model-card');
const { readTrainingImages } = await load('training/images');
const { readSunDirections } = await load('training/sun-directions');
const { standIns } = await load('cli/stand-ins');

const at = (file) => join(folder, file);
const manifest = manifestSchema.parse(JSON.parse(await readFile(at(MANIFEST_FILE), 'utf8')));
const { channels, tileSize } = manifest.architecture;
const sun = new Map(values.sun === undefined ? [] : await readSunDirections(values.sun));
const incidences = new Map(
  values.incidence === undefined ? [] : Object.entries(JSON.parse(await readFile(values.incidence, 'utf8'))),
);
const noteLight = (name, towardsSunDeg, incidenceDeg) => {
  sun.set(name, towardsSunDeg);
  incidences.set(name, incidenceDeg);
  console.error(name);
};
const seeds = Array.from({ length: Number(values.synthetic) }, (_, i) => i + 1);
const scorer = await createOnnxScorer({
  modelPath: at(MODEL_FILES.onnx),
  hardwarePath: manifest.files[HARDWARE_FILE] === undefined ? null : at(HARDWARE_FILE),
  threads: 1,
  channels,
  tileSize,
});
try {
  const written = { [MODEL_FILES.reference]: toJson(await scoreReference(scorer, channels)) };
  if (!values.reference) {
    const calibration = await calibrateOnImages(
      scorer,
      channels,
      await readTrainingImages([images], channels, values.exclude),
      sun,
      { score: manifest.score, incidences, standIns: standIns(seeds, channels, noteLight) },
    );
    written[MODEL_FILES.calibration] = toJson(calibration);
    written[MODEL_FILES.card] = modelCard(manifest, calibration);
    console.log(`calibrated ${folder} on ${calibration.tiles} tiles of ${calibration.images} images`);
  }
  for (const [file, text] of Object.entries(written)) {
    await writeFile(at(file), text);
    manifest.files[file] = {
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
    };
  }
  await writeFile(at(MANIFEST_FILE), toJson(manifest));
} finally {
  await scorer.close();
}

function toJson(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

import { Command } from 'commander';
import { OperationalError } from '../domain/errors.js';
import { loadModelFolder } from '../model/load-model-folder.js';
import { addHardwareNet } from '../training/hardware/add-hardware-net.js';
import { createNetDisplay } from '../training/hardware/net-display.js';
import { readTerrains } from '../training/hardware/terrains.js';
import { readSunDirections } from '../training/sun-directions.js';
import { loadTensorFlow } from '../model/tensorflow.js';
import { positive, whole } from './numbers.js';
import { commandLine } from './command-line.js';
import { screeningScenes } from './screening-scenes.js';
import { syntheticTerrains } from './synthetic-terrains.js';

interface HardwareFlags {
  out: string;
  name?: string;
  sun: string;
  exclude: string[];
  synthetic: number;
  steps: number;
  batch: number;
  learningRate: number;
  seed: number;
  json?: boolean;
}

/** `selenoscan train-hardware MODEL IMAGES…` */
export function trainHardwareCommand(): Command {
  return new Command('train-hardware')
    .description(
      'Adds the learned scorer of hardware to a model: a small net that learns from landers, rovers, debris and tracks drawn into plain terrain. Needs the TensorFlow engine (npm run engine:tensorflow).',
    )
    .argument('<model>', 'model folder whose autoencoder is kept')
    .argument('<images...>', 'folders or files of PNG, TIFF or .IMG images of plain terrain')
    .requiredOption('--out <dir>', 'folder that gets <name>@<hash>')
    .requiredOption(
      '--sun <file>',
      'JSON of file names and directions towards the Sun, degrees clockwise from up',
    )
    .option('--name <name>', "name of the new model (default: the given model's)")
    .option('--exclude <text...>', 'leave out images whose file name contains one of these', [])
    .option('--synthetic <n>', 'synthetic scenes under any light beside the images', whole(0, 200), 4)
    .option('--steps <n>', 'training steps', whole(1, 1_000_000), 2400)
    .option('--batch <n>', 'tiles a step', whole(2, 4096), 48)
    .option('--learning-rate <rate>', 'highest rate of Adam', positive, 0.002)
    .option('--seed <n>', 'of everything random', whole(0, 2 ** 31), 1)
    .option('--json', 'print one JSON object at the end')
    .action(trainHardware);
}

async function trainHardware(modelDir: string, paths: string[], flags: HardwareFlags): Promise<void> {
  // Before anything that takes time: without the engine nothing can be trained.
  await loadTensorFlow();
  const base = await loadModelFolder(modelDir);
  const { steps, batch, learningRate, seed, synthetic, exclude, out } = flags;
  const real = await readTerrains(paths, exclude, flags.sun);
  const terrains = [...real, ...syntheticTerrains(synthetic, seed)];
  const display = createNetDisplay(process.stderr);
  const abort = new AbortController();
  const interrupt = (): void =>
    abort.abort(new OperationalError('interrupted', 'The training was interrupted; nothing was written.'));
  process.once('SIGINT', interrupt);
  try {
    const { folder, training } = await addHardwareNet(
      base,
      { steps, batch, learningRate, seed },
      {
        out,
        name: flags.name ?? base.manifest.name,
        command: commandLine(),
        paths,
        exclude,
        sun: await readSunDirections(flags.sun),
        terrains,
        syntheticScenes: synthetic,
        scenes: screeningScenes(base.manifest.architecture.channels),
      },
      { signal: abort.signal, progress: (progress) => display.progress(progress) },
    );
    const { seconds, engine, losses } = training;
    const answer = { model: folder, engine, seconds, loss: losses[losses.length - 1] };
    console.log(flags.json === true ? JSON.stringify(answer) : `The model is in ${folder}.`);
  } finally {
    process.off('SIGINT', interrupt);
    display.stop();
  }
}

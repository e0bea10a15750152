import { Command } from 'commander';
import { OperationalError } from '../domain/errors.js';
import { createProgressDisplay } from '../training/progress-display.js';
import { readSunDirections } from '../training/sun-directions.js';
import { trainToFolder } from '../training/train-to-folder.js';
import { commandLine } from './command-line.js';
import { screeningScenes } from './screening-scenes.js';
import { addTrainOptions, type TrainFlags, trainingOptions } from './train-options.js';

/** `selenoscan train PATH… --out DIR`: images in, a model folder out. */
export function trainCommand(): Command {
  return addTrainOptions(
    new Command('train')
      .description('train a model on PNG, TIFF or .IMG images and write its model folder')
      .argument('<path...>', 'folders of images, or images'),
  ).action(train);
}

async function train(paths: string[], flags: TrainFlags): Promise<void> {
  const options = trainingOptions(paths, flags);
  const sun = flags.sun === undefined ? new Map<string, number>() : await readSunDirections(flags.sun);
  const { out, name, about } = flags;
  const display = createProgressDisplay(process.stderr);
  const abort = new AbortController();
  const interrupt = (): void =>
    abort.abort(
      new OperationalError(
        'interrupted',
        `The training was interrupted; the same command goes on from ${out}/${name}.checkpoints.`,
      ),
    );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    const { folder, result } = await trainToFolder(
      options,
      {
        ...{ out, name, about, sun },
        scenes: screeningScenes(options.architecture.channels),
        command: commandLine(),
        resume: flags.restart ? 'never' : flags.resume ? 'must' : 'if-alike',
        checkpointEveryS: 60 * flags.checkpointEvery,
      },
      {
        signal: abort.signal,
        images: (done, total) => display.images('Reading', done, total),
        resumed: (position) => display.resumed(position),
        progress: (progress) => display.progress(progress),
        epoch: (epoch, isBest) => display.epoch(epoch, isBest),
        calibrating: (done, total) => display.images('Calibrating on', done, total),
      },
    );
    const { seconds, tilesPerSecond, engine, bestEpoch } = result;
    const summary = {
      model: folder,
      engine,
      seconds,
      tiles_per_second: tilesPerSecond,
      best_epoch: bestEpoch,
      losses: result.epochs.find(({ epoch }) => epoch === bestEpoch),
    };
    console.log(flags.json === true ? JSON.stringify(summary) : `The model is in ${folder}.`);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    display.stop();
  }
}

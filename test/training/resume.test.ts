import { existsSync, readFileSync, truncateSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { CheckpointFolder } from '../../src/training/checkpoint.js';
import { trainModel, type TrainingOptions, type TrainingStore } from '../../src/training/train-model.js';
import { type ModelRequest, trainToFolder } from '../../src/training/train-to-folder.js';
import type { Epoch } from '../../src/training/training-state.js';
import { startCli } from '../support/cli.js';
import { groundImage, temporaryFolder, tensorFlowIfBuilt } from './support.js';

/** Relative, of losses and weights: threads add up in any order. */
const TOLERANCE = 1e-4;

const tf = await tensorFlowIfBuilt();
const images = temporaryFolder();
const out = temporaryFolder();
const options: TrainingOptions = {
  ...{ paths: [images], exclude: [], seed: 5, validation: 0.3, stride: 32, tilesPerImage: 8 },
  ...{ architecture: { family: 'vae', channels: 1, latent: 8 }, loss: 'squared', beta: 0.1 },
  ...{ epochs: 3, batch: 4, learningRate: 1e-3, augment: 'rotations', patience: 3 },
};
const request = (name: string, resume: ModelRequest['resume'] = 'if-alike'): ModelRequest => ({
  ...{ out, name, command: '', about: '', sun: new Map(), resume, checkpointEveryS: 0 },
});

beforeAll(async () => {
  for (let i = 0; i < 3; i++) {
    const { pixels, width, height } = groundImage(`${i}`, 256, 256, i);
    await sharp(pixels, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(path.join(images, `${i}.png`));
  }
});

const curveOf = (epochs: readonly Epoch[]): number[] =>
  epochs.flatMap(({ training, validation }) => [
    ...Object.values(training as unknown as Record<string, number>),
    ...Object.values((validation ?? {}) as Record<string, number>),
  ]);

function worstDifference(ours: readonly number[], theirs: readonly number[]): number {
  expect(ours).toHaveLength(theirs.length);
  return Math.max(...theirs.map((value, i) => Math.abs((ours[i] ?? NaN) / value - 1)));
}

/** A checkpoint after every step, and a crash after so many: nothing is written on the way down. */
async function crashAfter(steps: number, store: Omit<TrainingStore, 'stored'>): Promise<void> {
  let step = 0;
  const crash = (): void => {
    if (++step === steps) throw new Error('crash');
  };
  await expect(trainModel(options, { progress: crash }, { ...store, stored: null })).rejects.toThrow('crash');
}

describe.skipIf(tf === null)('a training that was stopped', () => {
  let undisturbed: Awaited<ReturnType<typeof trainModel>>;
  beforeAll(async () => {
    undisturbed = await trainModel(options);
  });

  test.each([
    ['in the middle of the first epoch', 3],
    ['in the last step of the second', 8],
  ])('%s goes on with the same loss curve and ends with the same weights', async (_when, steps) => {
    expect(undisturbed.tiles.training).toBe(16);
    const folder = new CheckpointFolder(path.join(out, `crash-${steps}`), {});
    await crashAfter(steps, { folder, everyS: 0 });
    const stored = await folder.load();
    expect(stored?.snapshot.adam.steps).toBe(steps - 1);
    const resumed = await trainModel(options, {}, { folder, everyS: 0, stored });
    expect(resumed.bestEpoch).toBe(undisturbed.bestEpoch);
    const losses = worstDifference(curveOf(resumed.epochs), curveOf(undisturbed.epochs));
    console.log(`resumed after ${steps - 1} steps: losses differ by ${losses}`);
    expect(losses).toBeLessThan(TOLERANCE);
    for (const [name, { data }] of undisturbed.weights) {
      const ours = resumed.weights.get(name)!.data;
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0);
      expect(worst, name).toBeLessThanOrEqual(100 * TOLERANCE * largest);
    }
  });

  test('when asked to keeps its last step, and another run ends it', async () => {
    const abort = new AbortController();
    let steps = 0;
    const progress = (): void => {
      if (++steps === 6) abort.abort(new Error('enough'));
    };
    const halted = trainToFolder(
      options,
      { ...request('halted'), checkpointEveryS: Infinity },
      {
        signal: abort.signal,
        progress,
      },
    );
    await expect(halted).rejects.toThrow('enough');
    let from = '';
    const { result } = await trainToFolder(options, request('halted'), {
      resumed: ({ epochs, done }) => (from = `${epochs.length} epochs, ${done} tiles`),
    });
    expect(from).toBe('1 epochs, 8 tiles');
    expect(worstDifference(curveOf(result.epochs), curveOf(undisturbed.epochs))).toBeLessThan(TOLERANCE);
    expect(existsSync(path.join(out, 'halted.checkpoints'))).toBe(false);
  });

  test('is not gone on with by other settings or images, nor from half a file', async () => {
    const name = 'other';
    const crash = {
      epoch: () => {
        throw new Error('crash');
      },
    };
    await expect(trainToFolder(options, request(name), crash)).rejects.toThrow('crash');
    await expect(trainToFolder({ ...options, batch: 2 }, request(name))).rejects.toThrow(
      /other\.checkpoints holds a training with --batch 4, not 2: give the same, begin anew with --restart/,
    );
    await expect(trainToFolder({ ...options, exclude: ['0.png'] }, request(name))).rejects.toThrow(
      /other\.checkpoints holds a training on other images/,
    );
    const folder = path.join(out, 'other.checkpoints');
    expect(readdirSync(folder).sort()).toEqual(['best-1.safetensors', 'epochs.json', 'last.safetensors']);
    truncateSync(path.join(folder, 'last.safetensors'), 5000);
    await expect(trainToFolder(options, request(name))).rejects.toThrow(
      /The checkpoint .*last\.safetensors cannot be read: begin anew with --restart/,
    );
    await expect(trainToFolder(options, request(name, 'never'), crash)).rejects.toThrow('crash');
    await expect(trainToFolder(options, request('unbegun', 'must'))).rejects.toThrow(
      /There is no checkpoint in .*unbegun\.checkpoints to go on from/,
    );
  });

  test('by SIGKILL, as a process, goes on by the same command', async () => {
    const folder = path.join(out, 'killed');
    const checkpoints = path.join(folder, 'model.checkpoints');
    const args = ['train', images, '--out', folder, '--seed', '5', '--validation', '0.3', '--epochs', '3'];
    args.push('--batch', '4', '--latent', '8', '--tiles-per-image', '8', '--augment', 'rotations');
    args.push('--patience', '3', '--checkpoint-every', '0.0001');
    const first = startCli(args);
    const ended = new Promise<NodeJS.Signals | null>((done) =>
      first.once('close', (_code, signal) => done(signal)),
    );
    // Past the first epoch, then past two steps of the second.
    await until(() => existsSync(path.join(checkpoints, 'epochs.json')) && epochsIn(checkpoints) === 1);
    await until(
      async () => ((await new CheckpointFolder(checkpoints, {}).load())?.snapshot.position.done ?? 0) >= 8,
    );
    first.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    // As if it had died in the middle of a write.
    writeFileSync(path.join(checkpoints, 'last.safetensors.partial'), 'half');

    const second = startCli(args);
    let told = '';
    second.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()));
    expect(await new Promise((done) => second.once('close', done))).toBe(0);
    expect(told).toMatch(/Going on from the checkpoint after 1 epoch and \d+ of 16 tiles/);
    const [model] = readdirSync(folder);
    const { training } = JSON.parse(readFileSync(path.join(folder, model!, 'model.json'), 'utf8')) as {
      training: { epochs: Epoch[] };
    };
    const losses = worstDifference(curveOf(training.epochs), curveOf(undisturbed.epochs));
    console.log(`resumed after SIGKILL: losses differ by ${losses}`);
    expect(losses).toBeLessThan(TOLERANCE);
  });
});

const epochsIn = (folder: string): number =>
  (JSON.parse(readFileSync(path.join(folder, 'epochs.json'), 'utf8')) as Epoch[]).length;

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((done) => setTimeout(done, 20));
}

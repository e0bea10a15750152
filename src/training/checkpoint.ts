import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../domain/errors.js';
import { readMetadata, readSafetensors, writeSafetensors } from '../model/safetensors.js';
import type { Weights } from '../model/weights.js';
import type { TrainingPosition, TrainingSnapshot } from './training-state.js';

const LAST = 'last.safetensors';
const bestFile = (epoch: number): string => `best-${epoch}.safetensors`;
/** Of what a checkpoint holds: another one cannot be gone on from. */
const FORMAT = '2';
/** Prefixes of the tensors in a checkpoint. */
const PARTS = { weights: 'weights/', first: 'adam.m/', second: 'adam.v/' } as const;

/** A training that was begun in a folder, and by what settings. */
export interface StoredTraining {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly snapshot: TrainingSnapshot;
  /** Of the best epoch so far; of the beginning before the first one is over. */
  readonly bestWeights: Weights;
}

/**
 * The checkpoints of one training: `last.safetensors` holds all that it needs to go on, `best-<epoch>.safetensors`
 * its best weights, `epochs.json` the losses so far, to be looked at. A file is there whole or not at all, and the
 * best weights are there before a checkpoint that speaks of them.
 */
export class CheckpointFolder {
  readonly path: string;
  readonly #settings: Readonly<Record<string, unknown>>;

  constructor(folder: string, settings: Readonly<Record<string, unknown>>) {
    this.path = folder;
    this.#settings = settings;
  }

  /** @param best weights, where this is their first checkpoint. */
  async save(snapshot: TrainingSnapshot, best: Weights | null): Promise<void> {
    const { position, dataset, weights, adam } = snapshot;
    await mkdir(this.path, { recursive: true });
    const single = (): 'F32' => 'F32';
    if (best !== null) await this.#write(bestFile(position.best.epoch), writeSafetensors(best, single));
    const tensors: Weights = new Map([
      ...prefixed(PARTS.weights, weights),
      ...prefixed(PARTS.first, adam.first),
      ...prefixed(PARTS.second, adam.second),
    ]);
    const texts = {
      format: FORMAT,
      settings: JSON.stringify(this.#settings),
      dataset,
      steps: String(adam.steps),
      position: positionToJson(position),
    };
    await this.#write(LAST, writeSafetensors(tensors, single, texts));
    await this.#write('epochs.json', `${JSON.stringify(position.epochs, null, 2)}\n`);
    for (const name of await readdir(this.path)) {
      if (name.startsWith('best-') && name !== bestFile(position.best.epoch))
        await rm(path.join(this.path, name));
    }
  }

  /** What lies there, or null. @throws OperationalError where it cannot be read. */
  async load(): Promise<StoredTraining | null> {
    const file = path.join(this.path, LAST);
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw unreadable(file, error);
    }
    try {
      const texts = readMetadata(bytes, file);
      if (texts['format'] !== FORMAT) throw new Error(`It is not of format ${FORMAT}.`);
      const tensors = readSafetensors(bytes, file);
      const position = positionFromJson(texts['position'] ?? '');
      const weights = withoutPrefix(PARTS.weights, tensors);
      const best = path.join(this.path, bestFile(position.best.epoch));
      return {
        settings: JSON.parse(texts['settings'] ?? '') as Record<string, unknown>,
        snapshot: {
          position,
          dataset: texts['dataset'] ?? '',
          weights,
          adam: {
            steps: Number(texts['steps']),
            first: withoutPrefix(PARTS.first, tensors),
            second: withoutPrefix(PARTS.second, tensors),
          },
        },
        bestWeights: position.best.epoch === 0 ? weights : readSafetensors(await readFile(best), best),
      };
    } catch (error) {
      throw unreadable(file, error);
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** On the disk before it takes its name, so that not even a power cut leaves half a file. */
  async #write(name: string, content: string | Buffer): Promise<void> {
    const target = path.join(this.path, name);
    const partial = `${target}.partial`;
    const file = await open(partial, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target);
  }
}

function unreadable(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'bad_checkpoint',
    `The checkpoint ${file} cannot be read: begin anew with --restart.`,
    { cause },
  );
}

/** JSON has no infinity; the order is as long as the data set and is kept as bytes. */
function positionToJson({ order, best, ...rest }: TrainingPosition): string {
  const bytes = Buffer.from(order.buffer, order.byteOffset, order.byteLength).toString('base64');
  const loss = Number.isFinite(best.loss) ? best.loss : null;
  return JSON.stringify({ ...rest, order: bytes, best: { epoch: best.epoch, loss } });
}

function positionFromJson(text: string): TrainingPosition {
  const { order, best, ...rest } = JSON.parse(text) as Omit<TrainingPosition, 'order' | 'best'> & {
    order: string;
    best: { epoch: number; loss: number | null };
  };
  const bytes = Buffer.from(order, 'base64');
  return {
    ...rest,
    order: Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i)),
    best: { epoch: best.epoch, loss: best.loss ?? Infinity },
  };
}

const prefixed = (prefix: string, weights: Weights): Weights =>
  new Map([...weights].map(([name, weight]) => [`${prefix}${name}`, weight]));

const withoutPrefix = (prefix: string, weights: Weights): Weights =>
  new Map(
    [...weights].flatMap(([name, weight]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), weight] as const] : [],
    ),
  );

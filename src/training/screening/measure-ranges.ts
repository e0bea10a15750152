import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { createRandom } from '../../domain/random.js';
import { activationOf } from '../../model/activation-names.js';
import { TRACKS_BRANCH, TRUNK } from '../../model/hardware-net.js';
import { ActivationRanges, rangeGraph } from '../../model/quantise/ranges.js';
import { type Architecture, TILE_SIZE } from '../../model/architecture.js';
import { vaeLayers } from '../../model/vae-layers.js';
import { openSession } from '../../scoring/engines/onnx-session.js';
import { tileBatches } from './tile-batches.js';
import type { TileSet } from './tile-set.js';

/** Graphs of a folder, beside whose weights others are written for a moment. */
export interface ExactGraphs {
  readonly dir: string;
  readonly scorer: Uint8Array;
  /** Of the learned scorer, null where the model has none. */
  readonly hardware: Uint8Array | null;
}

/** Runs the exact graphs on tiles and notes how high and low every activation gets. */
export async function measureRanges(
  graphs: ExactGraphs,
  architecture: Architecture,
  set: TileSet,
): Promise<ActivationRanges> {
  const { channels } = architecture;
  const layers = vaeLayers(architecture);
  const ranges = new ActivationRanges();
  const hidden = [...layers.encoder, layers.decoderDense, ...layers.decoder.slice(0, -1)];
  const values = new Map(hidden.map(({ name }) => [activationOf(name), name]));
  values.set(layers.mu.name, layers.mu.name);
  const flat = new Set([activationOf(layers.decoderDense.name), layers.mu.name]);
  const scorerGraph = rangeGraph(
    graphs.scorer,
    ['tiles'],
    [...values.keys()].map((name) => ({ name, flat: flat.has(name) })),
  );
  await observe(graphs.dir, scorerGraph, values, ranges, () =>
    map(tileBatches(set, channels), ({ count, pixels }) => ({
      tiles: new Tensor('uint8', pixels, [count, channels, TILE_SIZE, TILE_SIZE]),
    })),
  );
  if (graphs.hardware === null) return ranges;
  const random = createRandom(set.count);
  const netValues = new Map([...TRUNK, ...TRACKS_BRANCH].map(({ name }) => [activationOf(name), name]));
  const netGraph = rangeGraph(
    graphs.hardware,
    ['turned', 'octant'],
    [...netValues.keys()].map((name) => ({ name, flat: false })),
  );
  await observe(graphs.dir, netGraph, netValues, ranges, () =>
    map(tileBatches(set, 1), ({ count, pixels }) => ({
      turned: new Tensor('uint8', pixels, [count, 1, TILE_SIZE, TILE_SIZE]),
      octant: new Tensor(
        'float32',
        Float32Array.from({ length: count }, () => 2 * random.uniform() - 1),
        [count],
      ),
    })),
  );
  return ranges;
}

/** @param values names of layers by the values of the graph */
async function observe(
  dir: string,
  graph: Uint8Array,
  values: ReadonlyMap<string, string>,
  ranges: ActivationRanges,
  batches: () => Iterable<Record<string, Tensor>>,
): Promise<void> {
  // The graph names its weights' file, which has to lie beside it.
  const file = path.join(dir, '.ranges.onnx');
  await writeFile(file, graph);
  const session = await openSession(file, { threads: 1 }, [], []);
  try {
    for (const feeds of batches()) {
      const found = await session.run(feeds);
      const channels = (name: string): Float32Array => found[name]!.data as Float32Array;
      for (const [value, layer] of values)
        ranges.see(layer, { least: channels(`${value}.least`), most: channels(`${value}.most`) });
    }
  } finally {
    await session.release();
    await rm(file);
  }
}

function* map<A, B>(items: Iterable<A>, change: (item: A) => B): Generator<B> {
  for (const item of items) yield change(item);
}

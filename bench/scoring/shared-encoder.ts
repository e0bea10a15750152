/**
 * What an encoder that runs once over a whole strip would save: a tile's code read from the strip's features, with
 * its real neighbours around it, against the encoder run on each tile with zeros around it. CPU time on one thread,
 * which other load on the machine disturbs least. The weights are those of the shipped model, which learnt with zeros
 * around its tiles: the times hold for a model that learnt with neighbours too, and how far the scores move says
 * what becomes of one that did not.
 *
 * Usage: npm run bench -- scoring/shared-encoder [--size small|full] [--rounds N] [--json]
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeModel, encodeModel, type ModelProto, type NodeProto } from '../../src/model/onnx-schema.js';
import { OnnxGraph } from '../../src/model/onnx-graph.js';
import { extractSubgraph, joinGraphs } from '../../src/model/onnx-subgraph.js';
import { TILE_SIZE } from '../../src/model/architecture.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, note } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { median, spreadOf } from '../harness/statistics.js';
import { shippedModel } from '../shipped-model.js';
import { benchStrip, cpuPerTile, inRounds, spearman, STRIDE, tilesOf } from './bench-strip.js';

const scores = ['l2', 'mu_norm', 'bright'];
const { size, json, rounds } = benchOptions({ small: 1, full: 5 });
/** Pixels for one value of the encoder's output, and the code's side in those. */
const REDUCTION = 4;
const CODE = { side: 16, channels: 128, latent: 64 };
const BATCH = 64;

const folder = shippedModel();
if (folder === null) throw new Error('models/ holds no model');
const scorer = decodeModel(readFileSync(join(folder, 'scorer.onnx')));
const int8 = decodeModel(readFileSync(join(folder, 'scorer.int8.onnx')));
const codeInt8 = made(int8, 'Flatten').input[0]!;
const strip = benchStrip(size === 'small' ? 160 : 512);
const { lines: LINES, samples: SAMPLES, across, tiles } = strip;
const cut = tilesOf(strip);

const stripTensor = new Tensor('uint8', strip.pixels, [1, 1, LINES, SAMPLES]);
const feeds = {
  tiles: new Tensor('uint8', cut.subarray(0, BATCH * TILE_SIZE ** 2), [BATCH, 1, TILE_SIZE, TILE_SIZE]),
  valid: new Tensor('uint8', new Uint8Array(BATCH * TILE_SIZE ** 2).fill(1), [
    BATCH,
    1,
    TILE_SIZE,
    TILE_SIZE,
  ]),
  peak: new Tensor('uint8', new Uint8Array(2 * BATCH).fill(30), [BATCH, 2]),
};
const float = (name: string): ModelProto['graph']['output'][number] => value(name, 1);

const perTile = await open(scorer);
const perTileInt8 = await open(int8);
const shared = await open(stripEncoder());
const decode = await open(
  part(scorer, [input(scorer, 'tiles'), input(scorer, 'valid'), float('mu')], scores),
);
const features8 = value(codeInt8, 2);
const sharedInt8 = await open(part(int8, [value('tiles', 2)], [codeInt8], 2));
const rest8 = await open(
  part(
    int8,
    [...['tiles', 'valid', 'peak'].map((name) => input(int8, name)), features8],
    [...scores, 'bright_peak'],
  ),
);

const { tiles: pixels, valid, peak } = feeds;
const codes = await shared.run({ tiles: stripTensor });
const mu = new Tensor('float32', (codes['mu']!.data as Float32Array).slice(0, BATCH * CODE.latent), [
  BATCH,
  CODE.latent,
]);
const mapInt8 = (await sharedInt8.run({ tiles: stripTensor }))[codeInt8]!;
const batchInt8 = new Uint8Array(BATCH * CODE.side ** 2 * CODE.channels);
const featuresInt8 = new Tensor('uint8', batchInt8, [BATCH, CODE.side, CODE.side, CODE.channels]);

/** Microseconds of CPU for a tile. */
const ways: Record<string, () => Promise<number>> = {
  fp32_per_tile: timed(BATCH, () => perTile.run({ tiles: pixels, valid })),
  fp32_strip_encoder: timed(tiles, () => shared.run({ tiles: stripTensor })),
  fp32_decoder: timed(BATCH, () => decode.run({ tiles: pixels, valid, mu })),
  int8_per_tile: timed(BATCH, () => perTileInt8.run({ tiles: pixels, valid, peak })),
  int8_strip_encoder: timed(tiles, () => sharedInt8.run({ tiles: stripTensor })),
  int8_cut_codes: timed(BATCH, () => cutCodes(mapInt8.data as Uint8Array)),
  int8_head_and_decoder: timed(BATCH, () =>
    rest8.run({ tiles: pixels, valid, peak, [codeInt8]: featuresInt8 }),
  ),
};
const costs = await inRounds(ways, rounds, note);
const cost = (name: string, round: number): number => costs.get(name)![round]!;
const gain = (whole: string, parts: string[]) =>
  spreadOf(
    Array.from(
      { length: rounds },
      (_, i) => cost(whole, i) / parts.reduce((sum, one) => sum + cost(one, i), 0),
    ),
  );
publish(
  {
    bench: 'shared-encoder',
    machine: machineFacts(),
    command: 'npm run bench -- scoring/shared-encoder',
    date: new Date().toISOString().slice(0, 10),
    ...{ size, rounds, busy_rounds: 0 },
    figures: {
      tiles,
      ...Object.fromEntries([...costs].map(([name, all]) => [`${name}_us`, median(all)])),
      ...(await moved()),
    },
    ratios: {
      fp32_shared_vs_per_tile: gain('fp32_per_tile', ['fp32_strip_encoder', 'fp32_decoder']),
      int8_shared_vs_per_tile: gain('int8_per_tile', [
        'int8_strip_encoder',
        'int8_cut_codes',
        'int8_head_and_decoder',
      ]),
    },
    notes: {
      strip: `${LINES} lines of ${SAMPLES} pixels, tiles every ${STRIDE}, batches of ${BATCH}, one thread`,
    },
  },
  json,
);

/** How alike the shipped model ranks tiles by codes with their neighbours and by codes with zeros around them. */
async function moved(): Promise<Record<string, number>> {
  const all = { l2: [[], []], bright: [[], []] } as Record<'l2' | 'bright', [number[], number[]]>;
  const sharedMu = codes['mu']!.data as Float32Array;
  for (let from = 0; from < tiles; from += BATCH) {
    const count = Math.min(BATCH, tiles - from);
    const area = TILE_SIZE ** 2;
    const shape = [count, 1, TILE_SIZE, TILE_SIZE];
    const given = {
      tiles: new Tensor('uint8', cut.subarray(from * area, (from + count) * area), shape),
      valid: new Tensor('uint8', new Uint8Array(count * area).fill(1), shape),
    };
    const code = sharedMu.slice(from * CODE.latent, (from + count) * CODE.latent);
    const own = await perTile.run(given);
    const other = await decode.run({ ...given, mu: new Tensor('float32', code, [count, CODE.latent]) });
    for (const name of ['l2', 'bright'] as const) {
      all[name][0].push(...(own[name]!.data as Float32Array));
      all[name][1].push(...(other[name]!.data as Float32Array));
    }
  }
  return { l2_spearman: spearman(...all.l2), bright_spearman: spearman(...all.bright) };
}

function timed(count: number, run: () => unknown): () => Promise<number> {
  return cpuPerTile(count, count === BATCH ? 3 : 1, run);
}

/** Codes of the first tiles out of the strip's features, [lines / 4, samples / 4, channels]. */
function cutCodes(features: Uint8Array): void {
  const row = CODE.side * CODE.channels;
  for (let i = 0; i < BATCH; i++) {
    const x = ((i % across) * STRIDE) / REDUCTION;
    const y = (Math.floor(i / across) * STRIDE) / REDUCTION;
    for (let line = 0; line < CODE.side; line++) {
      const from = ((y + line) * (SAMPLES / REDUCTION) + x) * CODE.channels;
      batchInt8.set(features.subarray(from, from + row), (i * CODE.side + line) * row);
    }
  }
}

/** From a strip to the codes of its tiles: the dense layer as a convolution over the strip's features. */
function stripEncoder(): ModelProto {
  const features = made(scorer, 'Flatten').input[0]!;
  const head = new OnnxGraph();
  const shape = head.integers('head_shape', [CODE.latent, CODE.channels, CODE.side, CODE.side]);
  const kernel = head.node('Reshape', ['mu.weight', shape], {}, 'head_kernel');
  const stride = STRIDE / REDUCTION;
  const map = head.node('Conv', [features, kernel, 'mu.bias'], { strides: [stride, stride] }, 'head_map');
  const last = head.node('Transpose', [map], { perm: [0, 2, 3, 1] }, 'head_last');
  head.node('Reshape', [last, head.integers('mu_shape', [-1, CODE.latent])], {}, 'mu');
  const encoder = extractSubgraph(scorer, [value('tiles', 2)], [float(features), float('mu.weight')]);
  const bias = scorer.graph.initializer.filter(({ name }) => name === 'mu.bias');
  const whole = joinGraphs(encoder, decodeModel(head.encode('head')));
  whole.graph.initializer.push(
    ...bias.filter(({ name }) => !whole.graph.initializer.some((one) => one.name === name)),
  );
  return extractSubgraph(whole, [value('tiles', 2)], [float('mu')]);
}

function part(
  model: ModelProto,
  inputs: ModelProto['graph']['input'],
  outputs: string[],
  type = 1,
): ModelProto {
  return extractSubgraph(
    model,
    inputs,
    outputs.map((name) => value(name, type)),
  );
}

function made(model: ModelProto, opType: string): NodeProto {
  return model.graph.node.find((node) => node.opType === opType)!;
}

function input(model: ModelProto, name: string): ModelProto['graph']['input'][number] {
  return model.graph.input.find((one) => one.name === name)!;
}

/** A value of four free sides, or of none that are known. */
function value(name: string, elemType: number): ModelProto['graph']['output'][number] {
  const sides = name === 'mu' ? 2 : scores.includes(name) || name === 'bright_peak' ? 1 : 4;
  const dim = Array.from({ length: sides }, (_, i) => ({ dimParam: `${name}_${i}` }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

function open(model: ModelProto): Promise<InferenceSession> {
  return InferenceSession.create(encodeModel(model), {
    ...{ intraOpNumThreads: 1, interOpNumThreads: 1, executionProviders: ['cpu'] },
    externalData: [{ path: 'weights.safetensors', data: readFileSync(join(folder!, 'weights.safetensors')) }],
  });
}

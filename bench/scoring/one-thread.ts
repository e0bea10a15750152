/**
 * Microseconds that a tile takes in each graph on one thread, by onnxruntime and by OpenVINO, in turns: the fastest run
 * of many, which other load on the machine disturbs least. `screen` is int8 by onnxruntime and bf16 by OpenVINO.
 *
 * Usage: npm run bench -- scoring/one-thread [--size small|full] [--rounds N] [--json]
 */
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { createScorer } from '../../src/scoring/engines/create-scorer.js';
import { ONNX_ON_CPU, OPENVINO_ON_CPU } from '../../src/scoring/engines/engine-spec.js';
import { hasOpenVino } from '../../src/scoring/engines/openvino/installed.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { spreadOf, type Ratio } from '../harness/statistics.js';
import { shippedModel } from '../shipped-model.js';
import { ground } from './graph-feeds.js';

const { size, json, rounds } = benchOptions({ small: 20, full: 60 });
const BATCH = 32;
const AREA = 64 * 64;

const folder = shippedModel();
if (folder === null) throw new Error('models/ holds no model');
const model = await loadModelFolder(folder);
const { architecture } = model.manifest;
const { channels } = architecture;
const batch = {
  count: BATCH,
  pixels: ground(BATCH * channels),
  valid: new Uint8Array(BATCH * AREA).fill(1),
};
const turned = { count: BATCH, pixels: ground(BATCH), octants: new Float32Array(BATCH).fill(0.3) };
const peaks = new Uint8Array(2 * BATCH).fill(30);

const notes: Record<string, string> = {};
const ways = new Map<string, () => Promise<unknown>>();
const opened: Scorer[] = [];
for (const [name, spec] of [
  ['onnx', ONNX_ON_CPU],
  ['openvino', OPENVINO_ON_CPU],
] as const) {
  if (spec === OPENVINO_ON_CPU && !hasOpenVino()) {
    notes['openvino'] = 'not measured: it is not installed (npm run engine:openvino)';
    continue;
  }
  const scorer = await createScorer(
    spec,
    {
      ...{ modelPath: model.onnxPath, hardwarePath: model.hardwarePath, screening: model.screening },
      ...{ channels, tileSize: architecture.tileSize },
      network: { weightsPath: model.weightsPath, architecture },
    },
    1,
  );
  opened.push(scorer);
  ways.set(`score_${name}`, () => scorer.score(batch));
  if (scorer.hardware) ways.set(`hardware_${name}`, () => scorer.hardware!(turned));
  if (scorer.screen) ways.set(`screen_${name}`, () => scorer.screen!(batch, peaks));
  if (scorer.screenHardware) ways.set(`screen_hardware_${name}`, () => scorer.screenHardware!(turned));
}

const times = new Map<string, number[]>([...ways.keys()].map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, way] of ways) {
    const started = performance.now();
    await way();
    times.get(name)!.push((1000 * (performance.now() - started)) / BATCH);
  }
}
await Promise.all(opened.map((scorer) => scorer.close()));

const ratios: Record<string, Ratio> = {};
for (const graph of ['score', 'hardware', 'screen', 'screen_hardware']) {
  const [onnx, openvino] = [times.get(`${graph}_onnx`), times.get(`${graph}_openvino`)];
  if (onnx && openvino)
    ratios[`${graph}_openvino_vs_onnx`] = spreadOf(onnx.map((us, round) => us / openvino[round]!));
}
publish(
  {
    bench: 'scoring-one-thread',
    machine: machineFacts(),
    command: 'npm run bench -- scoring/one-thread',
    date: new Date().toISOString().slice(0, 10),
    ...{ size, rounds, busy_rounds: 0 },
    figures: Object.fromEntries([...times].map(([name, all]) => [`${name}_us`, Math.min(...all)])),
    ratios,
    notes: { ...notes, batch: `${BATCH} tiles` },
  },
  json,
);

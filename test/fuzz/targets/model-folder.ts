import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModelFolder, MODEL_FILES } from '../../../src/model/load-model-folder.js';
import type { CalibrationFile, Manifest } from '../../../src/model/manifest.js';
import { modelHash, sha256 } from '../../../src/model/model-hash.js';
import { readMetadata, readSafetensors, writeSafetensors } from '../../../src/model/safetensors.js';
import { scoreUnder } from '../../../src/scoring/calibration.js';
import { inputsUnder } from '../../../src/scoring/input-reference.js';
import { STARTER } from '../../support/starter.js';
import { mutateJson } from '../support/mutate-json.js';
import { mutateBytes, pick } from '../support/mutate.js';
import { expectThat, type Reader, type Outcome, type Prepared } from '../support/target.js';

const RAW = [-1e9, -3, 0, 1e-6, 0.5, 1, 2, 7, 100, 1e9];
const CONDITIONS = [
  { incidenceDeg: null, contrast: null },
  { incidenceDeg: 0, contrast: 1 },
  { incidenceDeg: 47, contrast: 6.5 },
  { incidenceDeg: 90, contrast: null },
  { incidenceDeg: null, contrast: 500 },
];

/**
 * The files of a model's folder. One is damaged, and mostly the checksums are made right again: as of a folder that
 * somebody made by hand. Graphs are the engine's to read and are checked by their checksum alone.
 */
export const modelFolder: Reader = {
  prepare(): Prepared {
    const text = (file: string) => readFileSync(join(STARTER, file), 'utf8');
    const weights = writeSafetensors(
      new Map([
        ['a.weight', { shape: [4, 3], data: new Float32Array(12).fill(0.5) }],
        ['a.bias', { shape: [4], data: new Float32Array(4) }],
      ]),
      (name) => (name === 'a.bias' ? 'F32' : 'F16'),
    );
    const files: Record<string, Buffer> = {
      [MODEL_FILES.weights]: weights,
      [MODEL_FILES.onnx]: Buffer.from('graph'),
      [MODEL_FILES.card]: Buffer.from('card'),
      [MODEL_FILES.calibration]: Buffer.from(JSON.stringify(smallCalibration(text(MODEL_FILES.calibration)))),
      [MODEL_FILES.reference]: Buffer.from(JSON.stringify(smallReference())),
    };
    const manifest = JSON.parse(text('model.json')) as Manifest;
    const whole = sealed({ ...manifest, training: null, hardware: undefined, screening: undefined }, files);
    const calibration = JSON.parse(files[MODEL_FILES.calibration]!.toString()) as never;
    const folder = mkdtempSync(join(tmpdir(), 'selenoscan-fuzz-'));
    const put = (name: string, data: string | Buffer) => writeFileSync(join(folder, name), data);
    for (const [name, data] of Object.entries(files)) put(name, data);
    return {
      input(random) {
        const which = pick(random, [
          'model.json',
          'model.json',
          MODEL_FILES.calibration,
          MODEL_FILES.reference,
          MODEL_FILES.weights,
        ]);
        let body: Buffer;
        if (which === 'model.json')
          body = mutateJson(random, random.uniform() < 0.3 ? (manifest as never) : (whole as never));
        else if (which === MODEL_FILES.calibration) body = mutateJson(random, calibration);
        else if (which === MODEL_FILES.reference) body = mutateJson(random, smallReference());
        else body = damagedTensors(random, weights);
        const seal = random.uniform() < 0.9 ? 'sealed' : 'open';
        return Buffer.concat([Buffer.from(`${which} ${seal}\n`), body]);
      },
      async run(input): Promise<Outcome> {
        const end = input.indexOf(0x0a);
        const [which = '', seal] = input.toString('utf8', 0, end).split(' ');
        const body = input.subarray(end + 1);
        try {
          put(which, body);
          if (which !== 'model.json')
            put(
              'model.json',
              JSON.stringify(seal === 'sealed' ? sealed(whole, { ...files, [which]: body }) : whole),
            );
          const model = await loadModelFolder(folder);
          expectThat(!model.id.includes('/') && !model.id.includes('..'), () => `the id ${model.id}`);
          checkCalibration(model.calibration);
          const { count, tiles, valid, l2, muNorm, bright } = model.reference;
          expectThat(
            [l2, muNorm, bright].every((scores) => scores.length === count),
            () => 'scores of other tiles',
          );
          const pixels = count * 64 * 64;
          expectThat(Buffer.from(valid, 'base64').length === pixels, () => 'flags of other tiles');
          expectThat(
            Buffer.from(tiles, 'base64').length === pixels * model.manifest.architecture.channels,
            () => 'pixels of other tiles',
          );
          const bytes = readFileSync(model.weightsPath);
          readMetadata(bytes, 'weights');
          for (const [name, { shape, data }] of readSafetensors(bytes, 'weights'))
            expectThat(
              shape.reduce((product, side) => product * side, 1) === data.length,
              () => `the shape of ${name}`,
            );
          return 'accepted';
        } finally {
          if (which !== 'model.json') put(which, files[which]!);
        }
      },
      close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    };
  },
};

function sealed(manifest: Manifest | object, files: Record<string, Buffer>): Manifest {
  const sums = Object.entries(files).map(([name, data]) => [
    name,
    { bytes: data.length, sha256: sha256(data) },
  ]);
  const all = { ...(manifest as Manifest), files: Object.fromEntries(sums) as Manifest['files'] };
  return {
    ...all,
    hash: modelHash(all.architecture, all.normalisation, sha256(files[MODEL_FILES.weights]!)),
  };
}

/** Of the shipped calibration a corner: small ones are read faster. */
function smallCalibration(text: string): CalibrationFile {
  const whole = JSON.parse(text) as CalibrationFile;
  const [incidences, contrasts, knots] = [
    whole.incidences.slice(0, 2),
    whole.contrasts.slice(0, 1),
    whole.knots.slice(0, 8),
  ];
  const cells = whole.cells.slice(0, 6).map((cell) => ({ ...cell, scores: cell.scores.slice(0, 8) }));
  return { ...whole, incidences, contrasts, knots, cells, inputs: whole.inputs.slice(0, 3) };
}

function smallReference() {
  const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');
  return {
    tolerance: 1e-3,
    count: 1,
    tiles: base64(64 * 64),
    valid: base64(64 * 64),
    l2: [1],
    muNorm: [2],
    bright: [3],
  };
}

/** Header, length and data of a safetensors file. */
function damagedTensors(random: Parameters<Prepared['input']>[0], weights: Buffer): Buffer {
  if (random.uniform() < 0.3) return mutateBytes(random, weights, { hot: [[0, weights.length - 40]] });
  const from = 8 + Number(weights.readBigUInt64LE(0));
  const header = mutateJson(random, JSON.parse(weights.toString('utf8', 8, from)) as never);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, weights.subarray(from)]);
}

/** What a calibration promises: a score for any raw one, finite, from 0 to 1000, never falling. */
function checkCalibration(calibration: Parameters<typeof scoreUnder>[0]): void {
  for (const condition of CONDITIONS) {
    inputsUnder(calibration, condition.incidenceDeg);
    const score = scoreUnder(calibration, condition);
    let before = 0;
    for (const raw of RAW) {
      const value = score(raw);
      expectThat(
        value >= before - 1e-9 && value < 1000,
        () => `the score ${value} of ${raw} after ${before} (${JSON.stringify(condition)})`,
      );
      before = value;
    }
  }
}

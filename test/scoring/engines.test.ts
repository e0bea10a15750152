import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PixelVector } from '../../src/domain/geometry.js';
import { octantShare, turnInto, TURNS } from '../../src/domain/turn.js';
import { initialWeights } from '../../src/model/initial-weights.js';
import { initialHardwareWeights } from '../../src/model/hardware-net.js';
import { loadModelFolder, MODEL_FILES, type ModelFolder } from '../../src/model/load-model-folder.js';
import { referenceTiles } from '../../src/model/reference-tiles.js';
import type { Architecture } from '../../src/model/architecture.js';
import { stageModel } from '../../src/model/write-model-folder.js';
import { createScorer } from '../../src/scoring/engines/create-scorer.js';
import { Core } from '../../src/scoring/engines/openvino/core.js';
import {
  ONNX_ON_CPU,
  OPENVINO_ON_CPU,
  type EngineSpec,
  type ModelFiles,
} from '../../src/scoring/engines/engine-spec.js';
import { HardwareFinder } from '../../src/scoring/hardware-logits.js';
import { residualAt } from '../../src/scoring/residual-peak.js';
import type { Scorer, StripPixels, StripTiles, TileBatch } from '../../src/scoring/scorer.js';
import { STARTER } from '../support/starter.js';
import { temporaryFolder, tensorFlowIfBuilt } from '../training/support.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import { joined, jobsOf, openVinoIfInstalled, openVinoScreens, terrain } from './support.js';

const AREA = 64 * 64;
/** What all engines agree within, relative, in single precision. */
const TOLERANCE = 1e-4;
const TENSORFLOW: EngineSpec = { engine: 'tensorflow', device: 'cpu' };

const tf = await tensorFlowIfBuilt();
const hasOpenVino = openVinoIfInstalled();
const shipped = await loadModelFolder(STARTER);
const folder = temporaryFolder();
const opened: Scorer[] = [];
afterAll(() => Promise.all(opened.map((scorer) => scorer.close())));

function filesOf(model: ModelFolder): ModelFiles {
  const { architecture } = model.manifest;
  return {
    modelPath: model.onnxPath,
    hardwarePath: model.hardwarePath,
    ...{ channels: architecture.channels, tileSize: 64 },
    network: { weightsPath: model.weightsPath, architecture },
  };
}

async function drawnModel(architecture: Architecture): Promise<ModelFiles> {
  const weights = initialWeights(architecture, 3);
  const hardware = { weights: initialHardwareWeights(4), training: {} as never };
  const staged = await stageModel(folder, { name: 'drawn', architecture, weights, training: null, hardware });
  return {
    modelPath: staged.onnxPath,
    hardwarePath: staged.hardwarePath,
    ...{ channels: architecture.channels, tileSize: 64 },
    network: { weightsPath: path.join(staged.dir, MODEL_FILES.weights), architecture },
  };
}

async function open(spec: EngineSpec, files: ModelFiles): Promise<Scorer> {
  const scorer = await createScorer(spec, files, 1);
  opened.push(scorer);
  return scorer;
}

/** Relative to the largest of what is compared: a logit near zero has no digits of its own. */
function expectAgreement(ours: ArrayLike<number>, theirs: ArrayLike<number>, what: string): void {
  expect(ours, what).toHaveLength(theirs.length);
  const scale = Math.max(...Array.from(theirs, Math.abs));
  let worst = 0;
  for (let i = 0; i < theirs.length; i++) worst = Math.max(worst, Math.abs(ours[i]! - theirs[i]!) / scale);
  expect(worst, what).toBeLessThan(TOLERANCE);
}

function part({ count, pixels, valid }: TileBatch, from: number, to: number): TileBatch {
  const each = pixels.length / count;
  return {
    count: to - from,
    pixels: pixels.slice(from * each, to * each),
    valid: valid.slice(from * AREA, to * AREA),
  };
}

/** A strip with tiles at odd places, and the same tiles cut out of it. */
function stripOf(
  gaps = true,
  away: PixelVector | null = { x: 1, y: 0.2 },
): { pixels: StripPixels; tiles: StripTiles; batch: TileBatch } {
  const { width, height: lines, data } = terrain(211, 97, 8);
  const valid = gaps ? Uint8Array.from(data, (_, i) => ((i * 7919) % 31 === 0 ? 0 : 1)) : null;
  const places = [
    [0, 0],
    [147, 33],
    [13, 29],
    [90, 5],
    [91, 5],
    [60, 33],
  ] as const;
  const count = places.length;
  const known = away && turnInto(away);
  const tiles = {
    count,
    x: Int32Array.from(places, ([x]) => x),
    y: Int32Array.from(places, ([, y]) => y),
    fill: Uint8Array.from(places, (_, i) => 90 + i),
    peaks: Uint8Array.from({ length: 2 * count }, (_, i) => (i * 29) % 64),
    turns: known ? [known.turn] : TURNS,
    octant: known ? octantShare(known.angleDeg) : 0,
  };
  const batch = { count, pixels: new Uint8Array(count * AREA), valid: new Uint8Array(count * AREA).fill(1) };
  for (let i = 0; i < count * AREA; i++) {
    const tile = Math.floor(i / AREA);
    const at = (tiles.y[tile]! + Math.floor((i % AREA) / 64)) * width + tiles.x[tile]! + (i % 64);
    batch.valid[i] = valid ? valid[at]! : 1;
    batch.pixels[i] = batch.valid[i] === 1 ? data[at]! : tiles.fill[tile]!;
  }
  return { pixels: { width, lines, pixels: data, valid }, tiles, batch };
}

/** What every engine owes beside onnxruntime. */
function agreesWithOnnx(spec: EngineSpec): void {
  const drawn: [string, Architecture][] = [
    ['grey', { family: 'vae', channels: 1, latent: 64 }],
    ['of three channels', { family: 'vae', channels: 3, latent: 32 }],
    ['of the second family', { family: 'vae2024', channels: 1, latent: 256 }],
  ];
  for (const [name, files] of [
    ['shipped', () => Promise.resolve(filesOf(shipped))],
    ...drawn.map(([kind, architecture]) => [kind, () => drawnModel(architecture)] as const),
  ] as const) {
    test(`gives all that onnxruntime gives of a model ${name}, within 1e-4`, async () => {
      const model = await files();
      const onnx = await open(ONNX_ON_CPU, model);
      const other = await open(spec, model);
      const tiles = referenceTiles(model.channels);
      const [ours, theirs] = [await other.explain(tiles), await onnx.explain(tiles)];
      for (const output of ['l2', 'muNorm', 'bright', 'mu', 'reconstruction'] as const)
        expectAgreement(ours[output], theirs[output], output);
      const turned = {
        count: tiles.count,
        pixels: tiles.pixels.subarray(0, tiles.count * AREA),
        octants: Float32Array.from({ length: tiles.count }, (_, i) => i / 3 - 1),
      };
      const [logits, expected] = [await other.hardware!(turned), await onnx.hardware!(turned)];
      for (const output of ['bodies', 'tracks'] as const)
        expectAgreement(logits[output], expected[output], output);
    });
  }

  test('gives a tile the same scores in every batch', async () => {
    const scorer = await open(spec, filesOf(shipped));
    const tiles = referenceTiles(1);
    const whole = await scorer.score(tiles);
    for (const [from, to] of [
      [0, 1],
      [1, 4],
      [4, 6],
    ] as const) {
      const some = await scorer.score(part(tiles, from, to));
      for (const name of ['l2', 'muNorm', 'bright'] as const)
        expectAgreement(some[name], whole[name].subarray(from, to), name);
    }
  });

  test('takes the bright residual where it is told to, as it is taken of the reconstruction', async () => {
    const scorer = await open(spec, filesOf(shipped));
    const tiles = referenceTiles(1);
    const { reconstruction } = await scorer.score(tiles);
    const places = fc.array(fc.nat(63), { minLength: 2 * tiles.count, maxLength: 2 * tiles.count });
    await fc.assert(
      fc.asyncProperty(places, async (peaks) => {
        const { brightPeak } = await scorer.scoreAt!(tiles, Uint8Array.from(peaks));
        const expected = Array.from(brightPeak, (_, i) => {
          const cut = (of: Uint8Array) => of.subarray(i * AREA, (i + 1) * AREA);
          const picture = reconstruction.subarray(i * AREA, (i + 1) * AREA);
          const place = { x: peaks[2 * i]!, y: peaks[2 * i + 1]! };
          return residualAt(cut(tiles.pixels), cut(tiles.valid), picture, 64, place);
        });
        expectAgreement(brightPeak, expected, 'brightPeak');
      }),
      { numRuns: 12 },
    );
  });
}

describe.skipIf(tf === null)('TensorFlow', () => {
  agreesWithOnnx(TENSORFLOW);

  test('keeps no tensor of what it scored', async () => {
    const scorer = await open(TENSORFLOW, filesOf(shipped));
    const tiles = referenceTiles(1);
    const strip = stripOf();
    const all = async (): Promise<void> => {
      await scorer.explain(tiles);
      await scorer.scoreAt!(tiles, new Uint8Array(2 * tiles.count));
      await scorer.hardware!({ count: 1, pixels: tiles.pixels, octants: new Float32Array(1) });
      await scorer.scoreStrip!(strip.pixels, strip.tiles, 3);
      await expect(scorer.score({ ...tiles, count: 7 })).rejects.toThrow();
    };
    await all();
    const before = { ...tf!.memory(), dataIds: (tf!.backend() as { numDataIds(): number }).numDataIds() };
    await all();
    const after = { ...tf!.memory(), dataIds: (tf!.backend() as { numDataIds(): number }).numDataIds() };
    expect(after.numTensors).toBe(before.numTensors);
    expect(after.dataIds).toBe(before.dataIds);
  });

  describe('that is given a whole strip', () => {
    let scorer: Scorer;
    beforeAll(async () => {
      scorer = await open(TENSORFLOW, filesOf(shipped));
    });

    for (const [name, gaps, away] of [
      ['all real data, the Sun known', false, { x: -0.5, y: -0.86 }],
      ['with gaps, the Sun unknown', true, null],
    ] as const) {
      test(`scores its tiles as when they are cut out of it one by one: ${name}`, async () => {
        const { pixels, tiles, batch } = stripOf(gaps, away);
        const ours = await scorer.scoreStrip!(pixels, tiles, 4);
        const theirs = await scorer.scoreAt!(batch, tiles.peaks);
        for (const output of ['l2', 'muNorm', 'bright', 'brightPeak'] as const)
          expectAgreement(ours[output], theirs[output], output);
        const finder = new HardwareFinder(scorer.hardware!, 64, away);
        const found = await finder.find(batch.count, batch.pixels, AREA);
        const of = (key: 'lander' | 'small' | 'tracks' | 'x' | 'y'): number[] => [
          ...found[key].subarray(0, batch.count),
        ];
        for (const output of ['lander', 'small', 'tracks'] as const)
          expectAgreement(ours[output], of(output), output);
        expect([...ours.landerX]).toEqual(of('x'));
        expect([...ours.landerY]).toEqual(of('y'));
      });
    }

    test('writes the same parts of a job with masked columns and gaps as tile by tile', async () => {
      const ground = terrain(2532, 100, 3);
      for (let y = 20; y < 60; y++) ground.data.fill(0, y * 2532 + 300, y * 2532 + 345);
      const [made] = jobsOf(ground, { x: 0.6, y: 0.8 }, 2);
      const job = { ...made!, masks: { ...made!.masks, nullRun: 1 } };
      // The whole strip is given to engines on a GPU alone.
      const onGpu: Scorer = {
        info: { ...scorer.info, device: 'gpu' },
        score: () => Promise.reject(new Error('tile by tile')),
        explain: (batch) => scorer.explain(batch),
        hardware: () => Promise.reject(new Error('tile by tile')),
        scoreStrip: (...call) => scorer.scoreStrip!(...call),
        close: () => Promise.resolve(),
      };
      const ours = joined([await new StripScorer(onGpu, { channels: 1, batch: 50 }).score(job)]);
      const theirs = joined([await new StripScorer(scorer, { channels: 1, batch: 64 }).score(job)]);
      expect(new Set(theirs['state']).size).toBeGreaterThan(1);
      for (const [name, values] of Object.entries(theirs)) {
        // Logits are kept in thousandths, of which two ways of adding may take two neighbours.
        const kept = name === 'lander' || name === 'small' || name === 'tracks' ? 1 : 0;
        values.forEach((value, i) => {
          if (Number.isNaN(value)) expect(ours[name]![i], name).toBeNaN();
          else
            expect(Math.abs(ours[name]![i]! - value), name).toBeLessThanOrEqual(
              kept + TOLERANCE * Math.abs(value),
            );
        });
      }
    });

    test('stops between two batches when it is aborted', async () => {
      const { pixels, tiles } = stripOf();
      const abort = new AbortController();
      const scoring = scorer.scoreStrip!(pixels, tiles, 1, abort.signal);
      setImmediate(() => abort.abort(new Error('shut down')));
      await expect(scoring).rejects.toThrow('shut down');
    });
  });
});

describe.skipIf(!hasOpenVino)('OpenVINO', () => {
  agreesWithOnnx(OPENVINO_ON_CPU);

  test('gives a tile the very same numbers in every batch and place, of every graph', async () => {
    const scorer = await open(OPENVINO_ON_CPU, { ...filesOf(shipped), screening: shipped.screening });
    const ground = terrain(64, 64 * 40, 5).data;
    const valid = Uint8Array.from(ground, (_, i) => (i % 37 === 0 ? 0 : 1));
    const all = { count: 40, pixels: ground, valid };
    const peaks = Uint8Array.from({ length: 80 }, (_, i) => (i * 29) % 64);
    const octants = Float32Array.from({ length: 40 }, (_, i) => i / 20 - 1);
    const runs = (from: number, to: number): Promise<Readonly<Record<string, Float32Array>>>[] => {
      const some = part(all, from, to);
      const turned = { count: some.count, pixels: some.pixels, octants: octants.slice(from, to) };
      const places = peaks.slice(2 * from, 2 * to);
      const ways = [
        scorer.explain(some),
        scorer.scoreAt!(some, places),
        scorer.hardware!(turned),
        scorer.screen?.(some, places),
        scorer.screenHardware?.(turned),
      ];
      return ways.flatMap((way) =>
        way ? [way as Promise<object> as Promise<Record<string, Float32Array>>] : [],
      );
    };
    const whole = await Promise.all(runs(0, 40));
    const range = fc.tuple(fc.nat(39), fc.integer({ min: 1, max: 40 }));
    await fc.assert(
      fc.asyncProperty(range, async ([from, length]) => {
        const to = Math.min(40, from + length);
        for (const [way, outputs] of (await Promise.all(runs(from, to))).entries()) {
          for (const [name, values] of Object.entries(outputs)) {
            const expected = whole[way]![name]!;
            const each = expected.length / 40;
            expect(values, name).toEqual(expected.slice(from * each, to * each));
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  test('screens where the model has bounds and the CPU bfloat16, and nowhere else', async () => {
    const bounded = await open(OPENVINO_ON_CPU, { ...filesOf(shipped), screening: shipped.screening });
    expect(bounded.screen !== undefined).toBe(openVinoScreens());
    expect(bounded.screenHardware !== undefined).toBe(openVinoScreens());
    const unbounded = await open(OPENVINO_ON_CPU, filesOf(shipped));
    expect(unbounded.screen).toBeUndefined();
    expect(unbounded.screenHardware).toBeUndefined();
  });

  test('lets the thread hear of an abort between two batches', async () => {
    const scorer = await open(OPENVINO_ON_CPU, filesOf(shipped));
    const abort = new AbortController();
    const [job] = jobsOf(terrain(640, 256, 3), { x: 1, y: 0 }, 9);
    const scoring = new StripScorer(scorer, { channels: 1, batch: 4 }).score(job!, abort.signal);
    setImmediate(() => abort.abort(new Error('shut down')));
    await expect(scoring).rejects.toThrow('shut down');
  });

  test('tells in OpenVINO’s words what it cannot do', () => {
    const core = new Core();
    expect(() => core.compile(new Uint8Array([1, 2, 3]), {}, 'fp32', 1)).toThrow(/^OpenVINO fails: .*\w/);
    core.close();
  });
});

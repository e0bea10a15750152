import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { createRandom } from '../../src/domain/random.js';
import { referenceTiles } from '../../src/model/reference-tiles.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import type { TileBatch } from '../../src/scoring/scorer.js';
import { STARTER } from '../support/starter.js';

/** Python with PyTorch: `python3 -m venv .venv && .venv/bin/pip install torch numpy`, then SELENOSCAN_PYTHON=.venv/bin/python. */
const python = process.env['SELENOSCAN_PYTHON'] ?? 'python3';
const script = path.resolve('test/peers/model_torch.py');
const realImages = path.resolve('../shared/data/nac');
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
if (!hasTorch) console.log(`Left out: ${python} has no PyTorch; name one that has in SELENOSCAN_PYTHON.`);

type Scores = Record<'l2' | 'muNorm' | 'bright', number[]>;

function scoreWithTorch(batch: TileBatch): Scores & { torch: string } {
  const input = JSON.stringify({
    count: batch.count,
    tiles: Buffer.from(batch.pixels).toString('base64'),
    valid: Buffer.from(batch.valid).toString('base64'),
  });
  const output = execFileSync(python, [script, STARTER], { input, maxBuffer: 2 ** 28 });
  return JSON.parse(output.toString()) as Scores & { torch: string };
}

async function scoreWithOnnx(batch: TileBatch): Promise<Scores> {
  const { onnxPath, manifest } = await loadModelFolder(STARTER);
  const { channels, tileSize } = manifest.architecture;
  const scorer = await createOnnxScorer({ modelPath: onnxPath, threads: 1, channels, tileSize });
  const { l2, muNorm, bright } = await scorer.score(batch);
  await scorer.close();
  return { l2: Array.from(l2), muNorm: Array.from(muNorm), bright: Array.from(bright) };
}

/** Largest |a - b| / |b| of each score. */
function disagreement(ours: Scores, theirs: Scores): Record<keyof Scores, number> {
  const worst = (name: keyof Scores): number =>
    Math.max(...theirs[name].map((value, i) => Math.abs((ours[name][i] ?? NaN) - value) / Math.abs(value)));
  return { l2: worst('l2'), muNorm: worst('muNorm'), bright: worst('bright') };
}

function noiseTiles(count: number): TileBatch {
  const random = createRandom(11);
  const pixels = new Uint8Array(count * 64 * 64).map(() => random.integer(256));
  const valid = new Uint8Array(count * 64 * 64).map(() => (random.uniform() < 0.97 ? 1 : 0));
  return { count, pixels, valid };
}

async function realTiles(count: number): Promise<TileBatch> {
  const random = createRandom(12);
  const names = readdirSync(realImages).filter((name) => name.endsWith('.png'));
  const pixels = new Uint8Array(count * 64 * 64);
  for (let tile = 0; tile < count; tile++) {
    const image = sharp(path.join(realImages, names[tile % names.length] ?? ''));
    const { width, height } = await image.metadata();
    const place = {
      left: random.integer(width - 63),
      top: random.integer(height - 63),
      width: 64,
      height: 64,
    };
    pixels.set(
      await image.extract(place).toColourspace('b-w').removeAlpha().raw().toBuffer(),
      tile * 64 * 64,
    );
  }
  return { count, pixels, valid: new Uint8Array(count * 64 * 64).fill(1) };
}

describe.skipIf(!hasTorch)('the starter model in PyTorch', () => {
  const figures: Record<string, Record<keyof Scores, number>> = {};

  test.for([
    ['seeded reference tiles', () => Promise.resolve(referenceTiles(1))],
    ['32 tiles of noise with lost pixels', () => Promise.resolve(noiseTiles(32))],
    ['52 tiles of real images', () => (existsSync(realImages) ? realTiles(52) : null)],
  ] as const)('agrees with the ONNX scorer within 1e-4 on %s', async ([name, make], context) => {
    const pending = make();
    if (pending === null) context.skip(`${realImages} is absent`);
    else {
      const batch = await pending;
      const theirs = scoreWithTorch(batch);
      const figure = disagreement(await scoreWithOnnx(batch), theirs);
      for (const value of Object.values(figure)) expect(value).toBeLessThan(1e-4);
      figures[name] = figure;
      writeResults(theirs.torch, figures);
    }
  });

  test('gives the scores that the ordinary suite compares with', async () => {
    const { id } = await loadModelFolder(STARTER);
    const { torch, ...scores } = scoreWithTorch(referenceTiles(1));
    writeFileSync('test/fixtures/model/starter-pytorch.json', toJson({ model: id, torch, ...scores }));
  });
});

function writeResults(torch: string, figures: object): void {
  const model = path.basename(STARTER);
  const measure = 'largest |ours - PyTorch| / |PyTorch| of each score';
  writeFileSync('test/peers/results/model.json', toJson({ model, torch, measure, figures }));
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

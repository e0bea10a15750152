/**
 * How well each named score finds landers of 3-9 px among the plain tiles of real NAC crops. The landers
 * are drawn in, by the crops' own light: they share the assumption "lit body and shadow" with the score A.
 *
 * Usage: npm run bench:quality -- [--model FOLDER] [--sun known|unknown] [--seed N] [--json]
 * The model is the first folder in models/ unless one is named; without any, only what needs none is measured.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { PixelVector } from '../../src/domain/geometry.js';
import type { TileParts } from '../../src/domain/tile.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { normaliseImage, scoreTiles, SCORE_NAMES, type ScoreName } from '../../src/scoring/normalise.js';
import { createOnnxScorer } from '../../src/scoring/onnx-scorer.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { planGrid } from '../../src/tiling/grid.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { atLeast } from '../../src/evaluation/threshold-table.js';
import { averagePrecision } from './average-precision.js';
import { dataFolder, readCrops, type Picture } from './crops.js';
import { placeLander, type Lander } from './hardware.js';
import { shippedModel } from '../shipped-model.js';

const SIZE = 64;
const STRIDE = 32;
/** Landers stand this far apart, so that no tile holds two. */
const SPACING = 128;
const ROUNDS = 2;
const DRAWS = 400;
const OBJECTS_PER_DRAW = 10;

/** What is left without a model. */
const BLIND_NAMES = ['tri', 'a', 'z_a'] as const;

type Scores = Record<ScoreName, Float32Array>;

async function main(): Promise<void> {
  const { values: o } = parseArgs({
    options: {
      model: { type: 'string' },
      sun: { type: 'string', default: 'known' },
      seed: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
    },
  });
  const crops = await readCrops(dataFolder(process.cwd()));
  if (!crops) {
    console.log(`no real crops at ${dataFolder(process.cwd())}: nothing measured`);
    return;
  }
  const folder = o.model ?? shippedModel();
  const model = folder === null ? null : await loadModelFolder(folder);
  const channels = model?.manifest.architecture.channels ?? 1;
  const scorer = model
    ? await createOnnxScorer({ modelPath: model.onnxPath, threads: 2, channels, tileSize: SIZE })
    : blindScorer();
  const strips = new StripScorer(scorer, { channels, batch: 64 });
  const random = seeded(Number(o.seed));
  const plain: Scores[] = [];
  const found: Scores[][] = [];
  for (const crop of crops) {
    const shadow = o.sun === 'known' ? crop.shadow : null;
    const parts = await scorePicture(strips, crop, crop.data, shadow);
    const scores = normaliseImage(parts, null);
    plain.push(scores.named);
    const objects: Scores[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const data = Uint8Array.from(crop.data);
      const landers = drawLanders(crop, random);
      for (const lander of landers) placeLander(data, crop.width, lander, crop.shadow, random);
      const injected = scoreTiles(await scorePicture(strips, crop, data, shadow), scores.terrain);
      objects.push(...landers.map((lander) => bestTile(injected, crop, lander)));
    }
    found.push(objects);
  }
  await scorer.close();
  console.error(`model ${model?.id ?? 'none'}, direction of the Sun ${o.sun}, seed ${o.seed}`);
  report(model ? SCORE_NAMES : BLIND_NAMES, plain, found, random, o.json);
}

/** Best score, by each name, of the tiles that hold the whole of a lander. */
function bestTile(scores: Scores, crop: Picture, lander: Lander): Scores {
  const grid = planGrid(crop, { size: SIZE, strideX: STRIDE, strideY: STRIDE });
  const best = {} as Scores;
  const edge = 8;
  for (const name of SCORE_NAMES) {
    let highest = -Infinity;
    grid.ys.forEach((y, row) => {
      grid.xs.forEach((x, column) => {
        const inside =
          lander.x >= x + edge &&
          lander.x < x + SIZE - edge &&
          lander.y >= y + edge &&
          lander.y < y + SIZE - edge;
        const value = scores[name][row * grid.xs.length + column]!;
        if (inside && value > highest) highest = value;
      });
    });
    best[name] = Float32Array.of(highest);
  }
  return best;
}

async function scorePicture(
  strips: StripScorer,
  crop: Picture,
  data: Uint8Array,
  shadow: PixelVector | null,
): Promise<TileParts> {
  const grid = planGrid(crop, { size: SIZE, strideX: STRIDE, strideY: STRIDE });
  return strips.score({
    strip: { firstLine: 0, lines: crop.height, width: crop.width, data },
    plan: { rowFrom: 0, rowTo: grid.ys.length, range: { firstLine: 0, lines: crop.height } },
    grid,
    imageWidth: crop.width,
    imageHeight: crop.height,
    shadow,
    masks: DEFAULT_MASKS,
  });
}

/** One lander in each cell of a coarse raster, on lit ground. */
function drawLanders(crop: Picture, random: () => number): Lander[] {
  const landers: Lander[] = [];
  for (let y = SPACING / 2; y + SPACING / 2 <= crop.height; y += SPACING) {
    for (let x = SPACING / 2; x + SPACING / 2 <= crop.width; x += SPACING) {
      const sizePx = 3 + 6 * random();
      const lander = {
        x: x + 32 * (random() - 0.5),
        y: y + 32 * (random() - 0.5),
        sizePx,
        shadowPx: Math.min(16, Math.max(2, sizePx * (0.4 + 1.4 * random()))),
        brightness: 1.5 + 1.5 * random(),
        turn: random() * Math.PI,
      };
      if (crop.data[Math.round(lander.y) * crop.width + Math.round(lander.x)]! > 25) landers.push(lander);
    }
  }
  return landers;
}

function report(
  names: readonly ScoreName[],
  plain: readonly Scores[],
  found: readonly Scores[][],
  random: () => number,
  json: boolean,
): void {
  const figures: Record<string, number> = {};
  console.error(
    `${plain.reduce((n, p) => n + p.b.length, 0)} plain tiles, ${found.flat().length} landers of 3-9 px, ${OBJECTS_PER_DRAW} a draw`,
  );
  const rows: Record<string, unknown>[] = [];
  for (const name of names) {
    const negatives = Float64Array.from(plain.flatMap((p) => Array.from(p[name]))).filter(
      (v) => !Number.isNaN(v),
    );
    negatives.sort();
    const positives = found.flat().map((scores) => scores[name][0]!);
    const aps: number[] = [];
    for (let draw = 0; draw < DRAWS; draw++) {
      const images = plain.map(() => Math.floor(random() * plain.length));
      const sample = Float64Array.from(images.flatMap((i) => Array.from(plain[i]![name]))).filter(
        (v) => !Number.isNaN(v),
      );
      const pool = images.flatMap((i) => found[i]!);
      const drawn = Array.from(
        { length: OBJECTS_PER_DRAW },
        () => pool[Math.floor(random() * pool.length)]![name][0]!,
      );
      aps.push(averagePrecision(drawn, sample.sort()));
    }
    aps.sort((a, b) => a - b);
    const shares = [0.002, 0.01, 0.05].map(
      (share) =>
        positives.filter((p) => atLeast(negatives, p) <= share * negatives.length).length / positives.length,
    );
    const ap = aps.reduce((a, b) => a + b) / aps.length;
    figures[`${name}_ap`] = ap;
    [0.2, 1, 5].forEach((percent, i) => (figures[`${name}_top_${percent}_percent`] = shares[i]!));
    rows.push({
      score: name,
      AP: ap.toFixed(3),
      low: aps[Math.floor(0.025 * DRAWS)]!.toFixed(3),
      high: aps[Math.floor(0.975 * DRAWS)]!.toFixed(3),
      'top 0.2 %': Math.round(100 * shares[0]!),
      'top 1 %': Math.round(100 * shares[1]!),
      'top 5 %': Math.round(100 * shares[2]!),
    });
  }
  if (json)
    console.log(
      JSON.stringify({
        bench: 'quality',
        machine: `${cpus()[0]?.model ?? process.arch} x ${cpus().length}`,
        figures,
        ratios: {},
      }),
    );
  else console.table(rows);
}

/** Stands in where no model is given: the scores that need none are measured all the same. */
function blindScorer(): Scorer {
  const none = (count: number): Float32Array => new Float32Array(count).fill(1);
  const score: Scorer['score'] = ({ count }) =>
    Promise.resolve({
      l2: none(count),
      muNorm: none(count),
      bright: none(count),
      reconstruction: none(count * SIZE * SIZE),
    });
  return {
    info: { engine: 'none', device: 'none', version: '0' },
    score,
    explain: () => Promise.reject(new Error('there is no model')),
    close: () => Promise.resolve(),
  };
}

/** Mulberry32: the same landers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

await main();

/**
 * Whether `score` is calibrated: on plain tiles that it was not learnt from, the share above s beside 10^-s, by
 * lighting; and whether it ranks drawn-in landers at least as well as the raw score.
 *
 * Usage: npm run bench -- quality/calibration [--seeds N] [--figure DIR] [--json]
 * Real crops are held out by the folds of the cross-validation, synthetic scenes by their seeds: half of 2 N for
 * learning and half for testing, and the other way round. A lighting is tested on what its reference is: real crops where there are any.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Spec } from 'vega';
import { atLeast } from '../../src/evaluation/threshold-table.js';
import { drawFigure, FIGURE_COLOURS } from '../../src/figures/draw-figure.js';
import { createRandom } from '../../src/domain/random.js';
import type { PixelVector } from '../../src/domain/geometry.js';
import type { ScanProfile } from '../../src/domain/scan-profile.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import {
  calibrateScore,
  scoreUnder,
  type Calibration,
  type Condition,
} from '../../src/scoring/calibration.js';
import { fitCalibration } from '../../src/scoring/fit-calibration.js';
import { measureDrift, DRIFT_INPUTS } from '../../src/scoring/drift.js';
import { normaliseImage, scoresNamed, scoreTiles, type ScoreName } from '../../src/scoring/normalise.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import { BrightnessCounter, conditionOf, profileOf } from '../../src/scoring/scan-profile.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import { plainTerrains } from '../../src/simulation/plain-terrain.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { shippedModel } from '../shipped-model.js';
import { dataFolder, readCrops } from './crops.js';
import { FOLDS } from './folds.js';
import { injectObjects, type Scenery } from './injections.js';
import { gridOf, tilesHolding } from './score-picture.js';

const LEVELS = [0.5, 1, 1.5, 2, 2.5, 3];
/** Fewer expected tiles say nothing: neighbours overlap, so that these are some ten independent ones. */
const FEWEST_EXPECTED = 30;
const BINS = [
  [15, 35],
  [35, 45],
  [45, 60],
  [60, 70],
  [70, 80],
  [80, 90],
] as const;
const DRAWS = 400;
const OBJECTS_PER_DRAW = 10;

interface Measured {
  readonly name: string;
  readonly real: boolean;
  /** Crops of one fold, or scenes of one half, are held out together. */
  readonly group: number;
  readonly profile: ScanProfile;
  readonly raw: Float32Array;
  /** Best raw score of each drawn-in lander's tiles. */
  readonly landers: readonly number[];
}

const { values: o } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2' },
    figure: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const folder = shippedModel();
if (folder === null) throw new Error('models/ holds no model');
const model = await loadModelFolder(folder);
const name = model.manifest.score as ScoreName;
const images = await measureAll();
const { pooled } = model.calibration;
const say = o.json ? console.error : console.log;
say(
  `model ${model.id}, score ${name}; ${images.length} images, ${sum(images.map(({ raw }) => raw.length))} tiles`,
);

const scored = images.map((image) => ({ image, ...calibrated(image) }));
const figures: Record<string, number> = {};
const points = reliability();
ranking();
driftNoise();
if (o.figure !== undefined) await draw(o.figure);
if (o.json) {
  const machine = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`;
  console.log(JSON.stringify({ bench: 'quality-calibration', machine, figures, ratios: {} }));
}

/** Scores of an image by a calibration that did not see its group. */
function calibrated(image: Measured): {
  conditional: (raw: number) => number;
  plain: (raw: number) => number;
} {
  const calibration = heldOut(image);
  const condition = conditionOf(image.profile);
  const blind: Condition = { incidenceDeg: null, contrast: null };
  return {
    conditional: scoreUnder(calibration, condition),
    plain: (raw) => calibrateScore(calibration, raw, blind),
  };
}

function heldOut({ real, group }: Measured): Calibration {
  const others = images.filter((other) => other.real !== real || other.group !== group);
  const profiles = (of: boolean): ScanProfile[] =>
    others.filter((other) => other.real === of && other.group >= 0).map(({ profile }) => profile);
  // Scenes are tested on the other half only, crops learn from all scenes.
  const prior = fitCalibration(profiles(false), name, { pooled });
  const own = profiles(true);
  return own.length === 0 ? prior : fitCalibration(own, name, { pooled, prior });
}

interface Point {
  readonly bin: string;
  readonly expected: number;
  readonly share: number;
}

interface Row {
  readonly bin: string;
  readonly kind: string;
  readonly tiles: number;
  readonly claimed: boolean;
  readonly ratios: readonly (number | null)[];
}

function reliability(): Point[] {
  const rows: Row[] = [];
  const points: Point[] = [];
  for (const [low, high] of BINS) {
    const within = scored.filter(({ image }) => {
      const incidence = image.profile.incidenceDeg ?? -1;
      return incidence >= low && incidence < high;
    });
    const anyReal = within.some(({ image }) => image.real && image.group >= 0);
    for (const real of [true, false]) {
      const of = within.filter(({ image }) => image.real === real && (!real || image.group >= 0));
      if (of.length === 0) continue;
      const scores = Float64Array.from(
        of.flatMap(({ image, conditional }) => Array.from(image.raw, conditional)),
      ).sort();
      const claimed = real === anyReal;
      const bin = `${low}-${high}`;
      const ratios = LEVELS.map((s) => {
        const expected = scores.length * 10 ** -s;
        return expected < FEWEST_EXPECTED ? null : atLeast(scores, s) / expected;
      });
      rows.push({ bin, kind: real ? 'crops' : 'scenes', tiles: scores.length, claimed, ratios });
      if (!claimed) continue;
      for (let s = 0.1; scores.length * 10 ** -s >= FEWEST_EXPECTED; s += 0.1)
        points.push({
          bin: `${bin}° (${real ? 'crops' : 'scenes'})`,
          share: atLeast(scores, s) / scores.length,
          expected: 10 ** -s,
        });
    }
  }
  say(`share of held-out plain tiles above s, over 10^-s (- = fewer than ${FEWEST_EXPECTED} tiles expected)`);
  say(`incidence  terrain   tiles   ${LEVELS.map((s) => `s=${s}`.padEnd(6)).join('')}`);
  for (const { bin, kind, tiles, ratios, claimed } of rows)
    say(
      `${bin.padEnd(10)} ${kind.padEnd(8)} ${String(tiles).padStart(6)}   ${ratios.map((ratio) => (ratio === null ? '-' : ratio.toFixed(2)).padEnd(6)).join('')}${claimed ? '' : '  (its reference are crops)'}`,
    );
  for (const bin of new Set(points.map((point) => point.bin))) {
    const ratios = points.filter((point) => point.bin === bin).map(({ share, expected }) => share / expected);
    say(
      `${bin}, every tenth of s down to the limit: ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    );
  }
  const claimed = points.map(({ share, expected }) => share / expected);
  figures['least_ratio'] = Math.min(...claimed);
  figures['largest_ratio'] = Math.max(...claimed);
  const blind = BINS.flatMap(([low, high]) => {
    const of = scored.filter(
      ({ image }) =>
        !image.real && (image.profile.incidenceDeg ?? -1) >= low && (image.profile.incidenceDeg ?? -1) < high,
    );
    const scores = Float64Array.from(of.flatMap(({ image, plain }) => Array.from(image.raw, plain))).sort();
    return LEVELS.filter((s) => scores.length * 10 ** -s >= FEWEST_EXPECTED && high <= 60).map(
      (s) => atLeast(scores, s) / (scores.length * 10 ** -s),
    );
  });
  figures['largest_ratio_without_condition'] = Math.max(...blind);
  say(
    `all lightings: ${figures['least_ratio'].toFixed(2)} to ${figures['largest_ratio'].toFixed(2)}; without lighting and contrast up to ${figures['largest_ratio_without_condition'].toFixed(2)}`,
  );
  return points;
}

function ranking(): void {
  for (const [label, real] of [
    ['crops', true],
    ['scenes', false],
    ['both', null],
  ] as const) {
    const of = scored.filter(
      ({ image }) => image.landers.length > 0 && (real === null || image.real === real),
    );
    if (of.length === 0) continue;
    const ap = (score: (one: (typeof of)[number]) => (raw: number) => number): number => {
      const plain = Float64Array.from(of.flatMap((one) => Array.from(one.image.raw, score(one)))).sort();
      const landers = of.flatMap((one) => one.image.landers.map(score(one)));
      const random = createRandom(7);
      const draws = Array.from({ length: DRAWS }, () => {
        const drawn = Array.from(
          { length: OBJECTS_PER_DRAW },
          () => landers[random.integer(landers.length)]!,
        );
        drawn.sort((a, b) => b - a);
        return sum(drawn.map((lander, i) => (i + 1) / (i + 1 + atLeast(plain, lander)))) / drawn.length;
      });
      return sum(draws) / draws.length;
    };
    const raw = ap(() => (value) => value);
    const conditional = ap(({ conditional: score }) => score);
    figures[`ap_raw_${label}`] = raw;
    figures[`ap_score_${label}`] = conditional;
    say(
      `average precision of drawn-in landers, ${label.padEnd(6)}: raw ${raw.toFixed(3)}, calibrated ${conditional.toFixed(3)} (${sum(of.map(({ image }) => image.landers.length))} landers, ${OBJECTS_PER_DRAW} a draw)`,
    );
  }
}

async function draw(directory: string): Promise<void> {
  const bins = [...new Set(points.map(({ bin }) => bin))];
  const line = (factor: number) => [Math.min(1, 1 / factor), 0.001].map((x) => ({ x, y: x * factor }));
  const size = { width: 420, height: 420 };
  const spec: Spec = {
    ...size,
    padding: 18,
    title: {
      text: `Calibration of the score ${name} on plain tiles it was not learnt from`,
      subtitle: [
        `${model.id}; down to ${FEWEST_EXPECTED} expected tiles`,
        'grey: equal, and a factor of 2 either way',
      ],
    },
    data: [
      { name: 'points', values: points },
      ...[1, 2, 0.5].map((factor, i) => ({ name: `line${i}`, values: line(factor) })),
    ],
    scales: [
      { name: 'x', type: 'log', domain: [1, 0.001], range: 'width' },
      { name: 'y', type: 'log', domain: [0.0005, 1], range: 'height', clamp: true },
      {
        name: 'colour',
        type: 'ordinal',
        domain: bins,
        range: ['#b45309', '#dc8a1e', '#65a30d', '#0f766e', '#1d4ed8', '#6d28d9'],
      },
    ],
    axes: [
      {
        orient: 'bottom',
        scale: 'x',
        title: '10^-s',
        values: [1, 0.1, 0.01, 0.001],
        format: '~g',
        grid: true,
      },
      {
        orient: 'left',
        scale: 'y',
        title: 'Share of plain tiles above s',
        values: [1, 0.1, 0.01, 0.001],
        format: '~g',
        grid: true,
      },
    ],
    legends: [
      {
        stroke: 'colour',
        title: 'Incidence',
        symbolType: 'stroke',
        labelFont: 'Open Sans',
        titleFont: 'Open Sans',
      },
    ],
    marks: [
      ...[0, 1, 2].map((i) => ({
        type: 'line' as const,
        clip: true,
        from: { data: `line${i}` },
        encode: {
          enter: {
            x: { scale: 'x', field: 'x' },
            y: { scale: 'y', field: 'y' },
            stroke: { value: FIGURE_COLOURS.all },
            strokeDash: { value: i === 0 ? [] : [4, 4] },
          },
        },
      })),
      {
        type: 'group',
        from: { facet: { name: 'series', data: 'points', groupby: 'bin' } },
        marks: [
          {
            type: 'line',
            from: { data: 'series' },
            encode: {
              enter: {
                x: { scale: 'x', field: 'expected' },
                y: { scale: 'y', field: 'share' },
                stroke: { scale: 'colour', field: 'bin' },
                strokeWidth: { value: 2 },
              },
            },
          },
        ],
      },
    ],
  };
  const { svg, png } = await drawFigure(spec);
  await mkdir(directory, { recursive: true });
  await writeFile(`${directory}/calibration.svg`, svg);
  await writeFile(`${directory}/calibration.png`, png);
}

/** How far like images are from the reference by chance: what an alarm must not go off at. */
function driftNoise(): void {
  const random = createRandom(3);
  const scenes = images.filter(({ real }) => !real);
  const calibration = fitCalibration(
    scenes.filter(({ group }) => group === 0).map(({ profile }) => profile),
    name,
    { pooled },
  );
  const others = scenes.filter(({ group }) => group === 1).map(({ profile }) => profile);
  const drifts = Array.from({ length: 200 }, () =>
    measureDrift(
      calibration,
      Array.from({ length: 20 }, () => others[random.integer(others.length)]!),
    ),
  );
  for (const input of DRIFT_INPUTS) {
    const sorted = drifts.map((drift) => drift[input].index).sort((a, b) => a - b);
    figures[`drift_${input}_p99`] = sorted[Math.floor(0.99 * sorted.length)]!;
    say(
      `drift of 20 like scenes, ${input.padEnd(10)}: median ${sorted[100]!.toFixed(2)}, 99 % below ${figures[`drift_${input}_p99`]!.toFixed(2)}`,
    );
  }
}

async function measureAll(): Promise<Measured[]> {
  const { channels, tileSize } = model.manifest.architecture;
  const scorer = await createOnnxScorer({
    modelPath: model.onnxPath,
    hardwarePath: model.hardwarePath,
    threads: 1,
    channels,
    tileSize,
  });
  const strips = new StripScorer(scorer, { channels, batch: 64 });
  const measured: Measured[] = [];
  try {
    const lights = JSON.parse(readFileSync('models/starter-incidence.json', 'utf8')) as Record<
      string,
      number
    >;
    const crops = existsSync(dataFolder(process.cwd())) ? await readCrops(dataFolder(process.cwd())) : null;
    for (const crop of crops ?? []) {
      const light = Object.entries(lights).find(([file]) => file.startsWith(`${crop.name}_`))?.[1];
      if (light === undefined) continue;
      const group = FOLDS.findIndex((names) => names.includes(crop.name));
      measured.push(
        await measure(strips, { ...crop, incidenceDeg: [light - 0.1, light + 0.1] }, true, group),
      );
    }
    const seeds = Array.from({ length: 2 * Number(o.seeds) }, (_, i) => i + 101);
    for (const scene of plainTerrains(seeds)) {
      const angle = (scene.towardsSunDeg * Math.PI) / 180;
      const seed = Number(scene.name.split('-').at(-1));
      measured.push(
        await measure(
          strips,
          {
            name: scene.name,
            width: scene.width,
            height: scene.height,
            data: scene.pixels,
            shadow: { x: -Math.sin(angle), y: Math.cos(angle) },
            incidenceDeg: [scene.incidenceDeg - 0.05, scene.incidenceDeg + 0.05],
          },
          false,
          seed % 2,
        ),
      );
      console.error(scene.name);
    }
  } finally {
    await scorer.close();
  }
  return measured;
}

async function measure(
  strips: StripScorer,
  picture: Scenery,
  real: boolean,
  group: number,
): Promise<Measured> {
  const grid = gridOf(picture);
  const partsOf = (data: Uint8Array, shadow: PixelVector) =>
    strips.score({
      strip: { firstLine: 0, lines: picture.height, width: picture.width, data },
      plan: { rowFrom: 0, rowTo: grid.ys.length, range: { firstLine: 0, lines: picture.height } },
      grid,
      imageWidth: picture.width,
      imageHeight: picture.height,
      shadow,
      masks: DEFAULT_MASKS,
    });
  const parts = await partsOf(picture.data, picture.shadow);
  const { named, terrain } = normaliseImage(parts, null);
  const all = scoresNamed(named, name);
  const counter = new BrightnessCounter();
  counter.add({ firstLine: 0, lines: picture.height, width: picture.width, data: picture.data });
  const incidenceDeg = (picture.incidenceDeg[0] + picture.incidenceDeg[1]) / 2;
  const profile = profileOf(name, all, parts, counter.histogram(), incidenceDeg);
  if (profile === null) throw new Error(`${picture.name} has no tile that can be scored`);
  const landers: number[] = [];
  const none = { lander: 0, 'large lander': 0, rover: 0, debris: 0, tracks: 0, boulder: 0 };
  for (const { data, objects } of injectObjects(
    picture,
    { ...none, lander: real || group === 1 ? 1 : 0 },
    7,
  )) {
    const scores = scoresNamed(scoreTiles(await partsOf(data, picture.shadow), terrain), name);
    for (const object of objects) {
      const best = Math.max(...tilesHolding(grid, object).map((tile) => scores[tile]!));
      if (Number.isFinite(best)) landers.push(best);
    }
  }
  return {
    name: picture.name,
    real,
    group,
    profile,
    raw: all.filter((value) => !Number.isNaN(value)),
    landers,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

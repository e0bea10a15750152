/**
 * The modes of a scan against `exact`: whether they detect the same, in every field, how many tiles they score again,
 * and how fast they are. Images of the synthetic Moon with and without landers, and all real crops; their samples are
 * small, so that most of their tiles are left to the mode. The speeds are those of large images with a whole sample.
 *
 * Usage: npm run bench -- quality/modes [--images 24] [--json], and
 *        npm run bench -- quality/modes --speed smooth|rugged [--lines 16384] [--json]
 * Writes bench/results/quality-modes.txt, which tells of each image, and .json, or quality-modes-speed.txt and .json.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { loadConfig } from '../../src/config/load.js';
import type { PixelVector } from '../../src/domain/geometry.js';
import type { ScanMode } from '../../src/domain/scan.js';
import { openScoring } from '../../src/cli/open-scoring.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { scanImage, type ImageScan } from '../../src/pipeline/scan-image.js';
import { firstPasses, type ScanTools } from '../../src/pipeline/score-image.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { planScene } from '../../src/simulation/scene.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { shippedModel } from '../shipped-model.js';
import { CROPS, dataFolder, turnedBy } from './crops.js';

const MODES = ['full', 'cascade'] as const;
type Screened = (typeof MODES)[number];

interface Subject {
  readonly name: string;
  readonly kind: 'synthetic' | 'crop';
  readonly path: string;
  readonly towardsSun: PixelVector;
  readonly stride: number;
}

interface Outcome {
  readonly name: string;
  readonly kind: Subject['kind'];
  readonly tiles: number;
  readonly detections: number;
  readonly modes: Readonly<
    Record<Screened, { same: boolean; rescored: number; approximate: number; beyond: number }>
  >;
}

interface Speed {
  readonly terrain: string;
  readonly tiles: number;
  readonly seconds: Readonly<Record<ScanMode, number>>;
  /** Of all threads. */
  readonly cpuSeconds: Readonly<Record<ScanMode, number>>;
  readonly rescored: Readonly<Record<ScanMode, number>>;
  readonly same: boolean;
}

const ROOT = process.cwd();
const SAMPLE = 200;
const SCENE_LINES = 2048;

async function main(): Promise<void> {
  const { values: o } = parseArgs({
    options: {
      images: { type: 'string', default: '24' },
      lines: { type: 'string', default: '16384' },
      speed: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'bench-modes-'));
  const modelFolder = shippedModel();
  if (modelFolder === null) throw new Error('models/ holds no model');
  const model = await loadModelFolder(modelFolder);
  const config = loadConfig(undefined);
  const tools = await openScoring(config, model, { mode: 'auto' });
  try {
    const subjects =
      o.speed === undefined ? [...(await synthetic(folder, Number(o.images))), ...crops()] : [];
    const outcomes: Outcome[] = [];
    for (const subject of subjects) {
      outcomes.push(await compare(subject, tools));
      const { name, modes } = outcomes.at(-1)!;
      console.error(
        `${name}: ${MODES.map((mode) => `${mode} ${modes[mode].same ? 'same' : 'DIFFERENT'}`).join(', ')}`,
      );
    }
    const terrains = (['smooth', 'rugged'] as const).filter((terrain) => terrain === o.speed);
    const speeds = await measureSpeeds(folder, Number(o.lines), terrains, tools);
    const result = summarise(outcomes, speeds);
    const text = textOf(result, outcomes, speeds, passNote(tools));
    const file = join(ROOT, 'bench/results', o.speed === undefined ? 'quality-modes' : 'quality-modes-speed');
    await writeFile(`${file}.json`, `${JSON.stringify({ ...result, speeds }, null, 1)}\n`);
    await writeFile(`${file}.txt`, text);
    console.log(o.json ? JSON.stringify(result) : text);
  } finally {
    await tools.pool.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function passNote(tools: ScanTools): string {
  const { info } = tools.pool;
  const passes = MODES.map((mode) => {
    const { vae, net } = firstPasses(tools, mode);
    return `${mode}: autoencoder ${vae}, learned scorer ${net}`;
  });
  return [`${info.engine} ${info.version}`, ...passes].join('; ');
}

async function synthetic(folder: string, images: number): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (let n = 0; n < images; n++) {
    const terrain = n % 2 === 0 ? 'smooth' : 'rugged';
    const towardsSun = turnedBy({ x: 1, y: 0 }, 37 + 53 * n);
    const [samples, lines] = [1280, 1024];
    const scene = planScene({
      ...{
        seed: 9000 + n,
        terrain,
        towardsSun,
        incidenceDeg: 40 + ((7 * n) % 30),
        landers: n % 3 === 0 ? 0 : 3,
      },
      ...{ lines, samples, pixelAcrossM: 1, pixelAlongM: 1, frame: 'LEFT' },
    });
    const path = join(folder, `synthetic-${n}.tif`);
    await writePtif(path, { width: samples, height: lines }, (first, count) => scene.render(first, count));
    subjects.push({ name: `synthetic ${n} ${terrain}`, kind: 'synthetic', path, towardsSun, stride: 32 });
  }
  return subjects;
}

function crops(): Subject[] {
  const folder = dataFolder(ROOT);
  if (!existsSync(folder)) {
    console.error(`${folder} is not there: no real crops.`);
    return [];
  }
  return CROPS.map(({ file, shadowDeg }) => ({
    ...{ name: file.split('_')[0]!, kind: 'crop' as const, path: join(folder, file), stride: 16 },
    towardsSun: turnedBy({ x: -1, y: 0 }, shadowDeg),
  }));
}

async function scan(
  { path, towardsSun, stride }: Pick<Subject, 'path' | 'towardsSun' | 'stride'>,
  tools: ScanTools,
  mode: ScanMode,
  sampleTiles?: number,
): Promise<ImageScan> {
  const raster = await openRaster(path, { stretch: tools.model.manifest.normalisation.wide });
  try {
    const options = {
      ...tools.options,
      ...{ mode, strideX: stride, strideY: stride },
      ...(sampleTiles === undefined ? {} : { sampleTiles }),
    };
    return await scanImage(raster, towardsSun, { ...tools, options }, new AbortController().signal);
  } finally {
    await raster.close();
  }
}

function isSame(a: ImageScan, b: ImageScan): boolean {
  return isDeepStrictEqual([a.detections, a.statistics, a.profile], [b.detections, b.statistics, b.profile]);
}

async function compare(subject: Subject, tools: ScanTools): Promise<Outcome> {
  const exact = await scan(subject, tools, 'exact', SAMPLE);
  const modes = {} as Record<Screened, Outcome['modes'][Screened]>;
  for (const mode of MODES) {
    const found = await scan(subject, tools, mode, SAMPLE);
    const { rescored, approximate, beyond } = found.screening;
    modes[mode] = { same: isSame(found, exact), rescored, approximate, beyond };
  }
  const { name, kind } = subject;
  return { name, kind, tiles: exact.parts.count, detections: exact.detections.length, modes };
}

/** On a scene that is repeated downwards, as only its size matters. */
async function measureSpeeds(
  folder: string,
  lines: number,
  terrains: readonly ('smooth' | 'rugged')[],
  tools: ScanTools,
): Promise<Speed[]> {
  const speeds: Speed[] = [];
  for (const terrain of terrains) {
    const towardsSun = { x: 0.8, y: 0.6 };
    const scene = planScene({
      ...{ seed: 77, terrain, towardsSun, incidenceDeg: 60, landers: 5 },
      ...{ lines: SCENE_LINES, samples: 5064, pixelAcrossM: 1, pixelAlongM: 1, frame: 'LEFT' },
    });
    const path = join(folder, `speed-${terrain}.tif`);
    const picture = scene.render(0, SCENE_LINES);
    await writePtif(path, { width: 5064, height: lines }, (first, count) => {
      const band = new Uint8Array(count * 5064);
      for (let i = 0; i < count; i++) {
        const from = ((first + i) % SCENE_LINES) * 5064;
        band.set(picture.subarray(from, from + 5064), i * 5064);
      }
      return band;
    });
    const seconds = {} as Record<ScanMode, number>;
    const cpuSeconds = {} as Record<ScanMode, number>;
    const rescored = {} as Record<ScanMode, number>;
    const scans: ImageScan[] = [];
    for (const mode of ['exact', 'full', 'cascade'] as const) {
      const started = performance.now();
      const before = process.cpuUsage();
      const found = await scan({ path, towardsSun, stride: 32 }, tools, mode);
      seconds[mode] = (performance.now() - started) / 1000;
      const used = process.cpuUsage(before);
      cpuSeconds[mode] = (used.user + used.system) / 1e6;
      rescored[mode] = found.screening.rescored;
      scans.push(found);
      console.error(
        `${terrain} ${mode}: ${seconds[mode].toFixed(1)} s, CPU ${cpuSeconds[mode].toFixed(1)} s, ${rescored[mode]} rescored`,
      );
    }
    const [exact, ...others] = scans;
    const same = others.every((other) => isSame(other, exact!));
    speeds.push({ terrain, tiles: exact!.parts.count, seconds, cpuSeconds, rescored, same });
  }
  return speeds;
}

function summarise(outcomes: readonly Outcome[], speeds: readonly Speed[]) {
  const share = (kind: Subject['kind'], of: (outcome: Outcome) => number): number => {
    const those = outcomes.filter((outcome) => outcome.kind === kind);
    return those.length === 0 ? NaN : those.reduce((sum, outcome) => sum + of(outcome), 0) / those.length;
  };
  const figures: Record<string, number> = {};
  for (const kind of ['synthetic', 'crop'] as const) {
    figures[`${kind}_images`] = outcomes.filter((outcome) => outcome.kind === kind).length;
    for (const mode of MODES) {
      figures[`${kind}_${mode}_same`] = share(kind, ({ modes }) => (modes[mode].same ? 1 : 0));
      figures[`${kind}_${mode}_rescored`] = share(kind, ({ modes, tiles }) => modes[mode].rescored / tiles);
    }
  }
  const ratios: Record<string, { median: number; low: number; high: number }> = {};
  for (const { terrain, seconds, cpuSeconds, tiles } of speeds) {
    for (const mode of ['exact', 'full', 'cascade'] as const)
      figures[`${terrain}_${mode}_tiles_per_s`] = tiles / seconds[mode];
    const ratio = (a: ScanMode, b: ScanMode) => {
      const value = seconds[b] / seconds[a];
      return { median: value, low: value, high: value };
    };
    ratios[`${terrain}_full_vs_exact`] = ratio('full', 'exact');
    ratios[`${terrain}_cascade_vs_full`] = ratio('cascade', 'full');
    ratios[`${terrain}_cascade_vs_exact`] = ratio('cascade', 'exact');
    figures[`${terrain}_cpu_full_vs_exact`] = cpuSeconds.exact / cpuSeconds.full;
    figures[`${terrain}_cpu_cascade_vs_full`] = cpuSeconds.full / cpuSeconds.cascade;
  }
  const machine = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`;
  return { bench: 'quality-modes', machine, figures, ratios };
}

function textOf(
  { machine, figures, ratios }: ReturnType<typeof summarise>,
  outcomes: readonly Outcome[],
  speeds: readonly Speed[],
  passes: string,
): string {
  const percent = (value: number | undefined): string => `${(100 * (value ?? NaN)).toFixed(1)} %`;
  const lines = [`Modes of a scan against exact (npm run bench -- quality/modes), on ${machine}`, passes, ''];
  for (const kind of ['synthetic', 'crop'] as const)
    for (const mode of figures[`${kind}_images`]! > 0 ? MODES : [])
      lines.push(
        `${kind.padEnd(9)} ${mode.padEnd(7)} same detections in ${percent(figures[`${kind}_${mode}_same`])} of ${figures[`${kind}_images`]} images, rescored ${percent(figures[`${kind}_${mode}_rescored`])} of the tiles`,
      );
  lines.push('');
  for (const { name, tiles, detections, modes } of outcomes)
    lines.push(
      `${name.padEnd(22)} ${tiles} tiles, ${detections} detections; ${MODES.map((mode) => `${mode} ${modes[mode].same ? 'same' : 'DIFFERENT'}, ${modes[mode].rescored} rescored, ${modes[mode].beyond} beyond`).join('; ')}`,
    );
  for (const { terrain, tiles, seconds, cpuSeconds, rescored, same } of speeds)
    lines.push(
      '',
      `${terrain}, ${tiles} tiles${same ? '' : ', DIFFERENT detections'}`,
      ...(['exact', 'full', 'cascade'] as const).map(
        (mode) =>
          `  ${mode.padEnd(8)} ${seconds[mode].toFixed(1).padStart(6)} s  ${(tiles / seconds[mode]).toFixed(0).padStart(6)} tiles/s  CPU ${cpuSeconds[mode].toFixed(1)} s  ${rescored[mode]} rescored`,
      ),
      `  full / exact ${ratios[`${terrain}_full_vs_exact`]!.median.toFixed(2)}x, cascade / full ${ratios[`${terrain}_cascade_vs_full`]!.median.toFixed(2)}x; by CPU time ${figures[`${terrain}_cpu_full_vs_exact`]!.toFixed(2)}x and ${figures[`${terrain}_cpu_cascade_vs_full`]!.toFixed(2)}x`,
    );
  return `${lines.join('\n')}\n`;
}

await main();

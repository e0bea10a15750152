/**
 * Tiles a second of whole strips, each engine of the product in each mode against PyTorch as most people run it and
 * at its best, in turns. Ours goes from pixels to detections: masks, contrast, networks, ranking, pictures. PyTorch is
 * charged with cutting the tiles, the same two networks and the same scores, and is given where the tiles' responses
 * peak.
 *
 * Usage: npm run bench:scoring [-- --size small|full] [--rounds N] [--lines N] [--seconds N] [--json]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { scanImage, type ImageScan } from '../../src/pipeline/scan-image.js';
import type { ScanTools } from '../../src/pipeline/score-image.js';
import { benchCache } from '../harness/cache.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, note, wholeNumber } from '../harness/options.js';
import { configFor, defaultConfig, openTools } from '../harness/product.js';
import { publish } from '../harness/result.js';
import { busyRounds, medianOf, rateOf, runRounds, speedRatio, type Contestant } from '../harness/rounds.js';
import { memoryRaster, repeatedLines, sceneLines, TOWARDS_SUN, WIDTH } from '../harness/scene.js';
import type { Ratio } from '../harness/statistics.js';
import { bestSetup } from '../peers/best-torch.js';
import { PIPELINE_PACKAGES, pythonWith, versionsIn } from '../peers/python-venv.js';
import { TorchPeer, type PeerImage, type TorchMode } from '../peers/torch-peer.js';
import { shippedModel } from '../shipped-model.js';
import { agreement } from './agreement.js';

const { size, json, rounds, own } = benchOptions({ small: 1, full: 3 }, ['lines', 'seconds']);
const cores = availableParallelism();
/** Modes that look at a sample in fp32 need a long image, or the sample is most of it: a full one, of 52,224 lines. */
const lines =
  own['lines'] === undefined ? (size === 'small' ? 512 : 52_224) : wholeNumber('--lines', own['lines']);
/** No round begins that would end after this; the trials of PyTorch come on top, once. */
const budgetS = own['seconds'] === undefined ? 900 : wholeNumber('--seconds', own['seconds']);
/** A slow contestant does less, rates being what is compared: whole strips, and as many for each core. */
const SLOW_STRIPS = 2 * cores;
const SLOW_LINES = Math.min(lines, size === 'small' ? 256 : linesOfStrips(SLOW_STRIPS));

const notes: Record<string, string> = {};
const figures: Record<string, number> = {};
const ratios: Record<string, Ratio> = {};
const contestants: Contestant[] = [];
const closing: (() => Promise<unknown>)[] = [];
const picture = sceneLines(lines);

await main().finally(async () => {
  for (const close of closing) await close();
});

async function main(): Promise<void> {
  const exact = await addOurs('exact_onnx', { mode: 'exact', engine: 'onnx' }, SLOW_LINES);
  if (exact === null) throw new Error(notes['exact_onnx']);
  const full = await addOurs('full', { mode: 'full', engine: 'onnx' }, lines);
  const cascade = await addOurs('cascade', { mode: 'cascade', engine: 'onnx' }, lines);
  const fullOpenVino = await addOurs('full_openvino', { mode: 'full', engine: 'openvino' }, lines);
  const cascadeOpenVino = await addOurs('cascade_openvino', { mode: 'cascade', engine: 'openvino' }, lines);
  await addOurs('exact_openvino', { mode: 'exact', engine: 'openvino' }, SLOW_LINES);
  await addOurs('exact_tensorflow', { mode: 'exact', engine: 'tensorflow' }, SLOW_LINES);
  await addOurs(
    'exact_onnx_1_core',
    { mode: 'exact', engine: 'onnx', workers: 1 },
    Math.min(SLOW_LINES, linesOfStrips(2)),
  );
  if (full !== null || cascade !== null || fullOpenVino !== null)
    notes['sample'] =
      `Screening modes score 4,000 tiles of an image in fp32 whatever its height, here of ${lines} lines; a full image has 52,224.`;
  const reference = await scanOf(exact, SLOW_LINES);
  const libraries = await addTorch(reference);

  const measured = await runRounds(contestants, rounds, budgetS, note);
  for (const { name } of contestants) {
    figures[`${name}_tiles_per_s`] = rateOf(measured, name);
    figures[`${name}_tiles_per_cpu_s`] = medianOf(measured, name, (one) => one.work / one.cpuSeconds);
  }
  const has = (name: string): boolean => contestants.some((one) => one.name === name);
  const ratio = (name: string, a: string, b: string): void => {
    if (has(a) && has(b)) ratios[name] = speedRatio(measured, a, b);
  };
  // What scoring.engine auto takes on a CPU.
  const openVino = fullOpenVino !== null;
  const best = openVino ? 'full_openvino' : full === null ? 'exact_onnx' : 'full';
  const bestCascade = openVino ? 'cascade_openvino' : 'cascade';
  const exactOurs = openVino ? 'exact_openvino' : 'exact_onnx';
  notes['scan_is'] = best;
  if (full === null) notes['scan'] = 'The product has no screening mode: its scan is the one in fp32.';
  ratio('scan_vs_torch_best', best, 'torch_best');
  ratio('scan_vs_torch_eager', best, 'torch_eager');
  ratio('scan_vs_torch_channels_last', best, 'torch_channels_last');
  ratio('cascade_vs_torch_best', bestCascade, 'torch_best');
  ratio('int8_vs_fp32', 'full', 'exact_onnx');
  ratio('bf16_vs_fp32', 'full_openvino', 'exact_openvino');
  ratio('bf16_vs_int8', 'full_openvino', 'full');
  ratio('cascade_vs_full', bestCascade, best);
  const others = [
    ...['exact_onnx', 'exact_openvino', 'exact_tensorflow'],
    ...['torch_eager', 'torch_channels_last', 'torch_compile'],
  ].filter((name) => has(name) && name !== exactOurs);
  const rival = others.reduce<string | null>(
    (fastest, name) =>
      fastest === null || rateOf(measured, name) > rateOf(measured, fastest) ? name : fastest,
    null,
  );
  if (rival !== null) {
    ratio('fp32_vs_best_fp32', exactOurs, rival);
    notes['best_fp32'] = rival;
  }
  await compareDetections(
    { full, cascade, full_openvino: fullOpenVino, cascade_openvino: cascadeOpenVino },
    exact,
  );
  publish(
    {
      bench: 'scoring',
      machine: machineFacts(libraries),
      command: 'npm run bench:scoring',
      date: new Date().toISOString(),
      size,
      rounds: new Set(measured.map(({ round }) => round)).size,
      busy_rounds: busyRounds(measured),
      figures: { lines, ...figures },
      ratios,
      notes,
    },
    json,
  );
}

/** Adds one way of the product; null, with a note, where there is none. */
async function addOurs(
  name: string,
  setup: Parameters<typeof configFor>[0],
  height: number,
): Promise<ScanTools | null> {
  const config = configFor(setup);
  if (config === null) {
    notes[name] = `not measured: the product has no ${setup.engine ?? ''} ${setup.mode} scan`;
    return null;
  }
  let tools: ScanTools;
  try {
    tools = await openTools(config);
  } catch (error) {
    notes[name] = `not measured: ${(error as Error).message}`;
    return null;
  }
  closing.push(() => tools.pool.close());
  const whole = Math.max(64, Math.round(height));
  contestants.push({ name, run: async () => (await scanOf(tools, whole)).parts.count });
  return tools;
}

function scanOf(tools: ScanTools, height: number): Promise<ImageScan> {
  return scanImage(memoryRaster(picture, height), TOWARDS_SUN, tools, new AbortController().signal);
}

/** Adds PyTorch's ways, each warm. @returns versions of what they run on */
async function addTorch(reference: ImageScan): Promise<Record<string, string>> {
  const found = pythonWith(PIPELINE_PACKAGES);
  const folder = shippedModel();
  if ('missing' in found || folder === null) {
    notes['torch'] = `not measured: ${'missing' in found ? found.missing : 'models/ holds no model'}`;
    return {};
  }
  const { python } = found;
  const image = imageFor(reference);
  const tiles = reference.parts.count;
  const add = async (
    name: string,
    o: { modes: readonly TorchMode[]; spread?: boolean; cores?: number; share?: number },
  ): Promise<void> => {
    try {
      const { modes, spread = false, share = 1 } = o;
      const quick = size === 'small';
      const setup = await bestSetup(python, folder, image, {
        name,
        modes,
        spread,
        cores: o.cores ?? cores,
        quick,
      });
      const peer = await TorchPeer.start(python, folder, image, setup);
      closing.push(() => peer.close());
      figures[`${name}_warm_up_s`] = await peer.useBatch(setup.batch);
      notes[`${name}_setup`] =
        `${setup.mode}, ${setup.processes} x ${setup.threads} threads, batches of ${setup.batch}`;
      const count = Math.round(tiles * share);
      contestants.push({ name, run: () => peer.score(count) });
      if (setup.processes === 1) Object.assign(figures, await agreementOf(name, peer, reference));
    } catch (error) {
      notes[name] = `not measured: ${(error as Error).message}`;
    }
  };
  await add('torch_eager', { modes: ['eager'], share: 0.5 });
  await add('torch_channels_last', { modes: ['channels_last'], share: 0.5 });
  if (size === 'full') await add('torch_compile', { modes: ['compile'], share: 0.5 });
  const bf16: TorchMode[] = size === 'small' ? ['compile_bf16'] : ['compile_bf16', 'freeze_bf16'];
  await add('torch_best', { modes: bf16, spread: size === 'full' });
  if (size === 'full') {
    await add('torch_eager_1_core', { modes: ['eager'], cores: 1, share: 0.25 });
    await add('torch_best_1_core', { modes: ['compile_bf16'], cores: 1, share: 0.5 });
  }
  return versionsIn(python, ['torch', 'numpy']);
}

/** How far PyTorch's scores lie from ours: otherwise it might do something else. */
async function agreementOf(
  name: string,
  peer: TorchPeer,
  reference: ImageScan,
): Promise<Record<string, number>> {
  const file = join(benchCache('tasks'), `${process.pid}-scores.bin`);
  const count = Math.min(reference.parts.count, 2 * reference.grid.xs.length);
  await peer.score(count, file);
  const bytes = readFileSync(file);
  const scores = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return agreement(`${name}_error`, reference.parts, scores, count);
}

/** Pixels, and where the tiles' responses peak, in files. */
function imageFor({ parts, grid }: ImageScan): PeerImage {
  const folder = benchCache('tasks');
  const files = { image: join(folder, `${process.pid}.raw`), peaks: join(folder, `${process.pid}.peaks`) };
  writeFileSync(files.image, repeatedLines(picture, 0, SLOW_LINES));
  writeFileSync(
    files.peaks,
    Uint8Array.from(
      { length: 2 * parts.count },
      (_, i) => (i % 2 === 0 ? parts.peakX : parts.peakY)[i >> 1]!,
    ),
  );
  const away = { x: -TOWARDS_SUN.x, y: -TOWARDS_SUN.y };
  return { ...files, width: WIDTH, xs: [...grid.xs], ys: [...grid.ys], away };
}

/** Detections of a mode that the scan in fp32 has too, at the same place and rank. */
async function compareDetections(
  modes: Readonly<Record<string, ScanTools | null>>,
  exact: ScanTools,
): Promise<void> {
  if (Object.values(modes).every((tools) => tools === null)) return;
  const height = Math.min(lines, 2 * SLOW_LINES);
  const wanted = (await scanOf(exact, height)).detections;
  for (const [name, tools] of Object.entries(modes)) {
    if (tools === null) continue;
    const { detections } = await scanOf(tools, height);
    const same = wanted.filter((one, i) => {
      const other = detections[i];
      return other?.tileX === one.tileX && other.tileY === one.tileY;
    });
    figures[`${name}_same_detections_share`] = same.length / Math.max(wanted.length, detections.length, 1);
  }
}

/** Lines of so many strips at the default stride. */
function linesOfStrips(strips: number): number {
  const { tiling, scoring } = defaultConfig();
  return tiling.size + (strips * scoring.strip_rows - 1) * tiling.stride_y;
}

/**
 * What a learned scorer that runs once over a whole strip would save: the highest logit of a tile's cells read from
 * the strip's, with real neighbours around the tile, against the net run on each tile with zeros around it. CPU time
 * on one thread, which other load on the machine disturbs least. Both ways begin with pixels, turn them by the Sun,
 * make the planes and end with each tile's highest logits; tiles are cut beforehand. The weights are those of the
 * shipped model, which learnt with zeros around its tiles: the times hold for a model that learnt with neighbours
 * too, and how far the logits move says what becomes of one that did not. Tiles that are looked at alone, in the
 * sample and to confirm, would have to bring their neighbours: windows of pixels around single tiles tell the price.
 *
 * Usage: npm run bench -- scoring/shared-net [--size small|full] [--rounds N] [--json]
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readFileSync } from 'node:fs';
import { octantShare, turnInto } from '../../src/domain/turn.js';
import { SQUARE_VALUES } from '../../src/model/export-openvino-net.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { readSafetensors } from '../../src/model/safetensors.js';
import { TILE_SIZE } from '../../src/model/architecture.js';
import { createScorer } from '../../src/scoring/engines/create-scorer.js';
import { type EngineSpec, ONNX_ON_CPU, OPENVINO_ON_CPU } from '../../src/scoring/engines/engine-spec.js';
import { Core, type Precision } from '../../src/scoring/engines/openvino/core.js';
import { hasOpenVino } from '../../src/scoring/engines/openvino/installed.js';
import { Network } from '../../src/scoring/engines/openvino/network.js';
import { HardwareFinder } from '../../src/scoring/hardware-logits.js';
import { machineFacts } from '../harness/machine.js';
import { benchOptions, note } from '../harness/options.js';
import { publish } from '../harness/result.js';
import { TOWARDS_SUN } from '../harness/scene.js';
import { median, spreadOf, type Ratio } from '../harness/statistics.js';
import { exportStripNet } from '../net-strip/export-strip-net.js';
import { StripPlanes } from '../net-strip/strip-planes.js';
import { turnPicture } from '../net-strip/turn-picture.js';
import { shippedModel } from '../shipped-model.js';
import { benchStrip, cpuPerTile, inRounds, spearman, STRIDE, tilesOf } from './bench-strip.js';

const { size, json, rounds } = benchOptions({ small: 2, full: 15 });
/** Tiles that a scan asks about at a time. */
const BATCH = 64;
const AREA = TILE_SIZE ** 2;
/** Pixels around a tile that its cells of tracks see, in whole strides so that its cells are those of the strip. */
const REACH = 32;
/** Pixels around those that their contrast is standardised over: 32 and, for their mean, 8. */
const CONTRAST_REACH = 40;
/** Windows that are looked at in a round. */
const WINDOWS = 32;

const folder = shippedModel();
if (folder === null) throw new Error('models/ holds no model');
const model = await loadModelFolder(folder);
const { architecture } = model.manifest;
if (model.hardwarePath === null) throw new Error(`${folder} has no learned scorer`);
const weights = readSafetensors(readFileSync(model.weightsPath), model.weightsPath);

const strip = benchStrip(size === 'small' ? 160 : 512);
const { tiles, samples, lines } = strip;
const cut = tilesOf(strip);
const away = { x: -TOWARDS_SUN.x, y: -TOWARDS_SUN.y };
const { turn, angleDeg } = turnInto(away);
const octant = octantShare(angleDeg);

const notes: Record<string, string> = {
  strip: `${lines} lines of ${samples} pixels, ${tiles} tiles every ${STRIDE}, one thread`,
  tiles: `as a scan does: turned, planes, net and highest cell in batches of ${BATCH}; cutting them is not measured`,
  strips:
    'turned, planes in WebAssembly (those of tiles: in bf16 too, in fp32 in the graph), net and highest cells',
  fp32: 'of landers, small things and tracks',
  bf16: 'of landers and small things, as `cascade` screens',
  windows: `single tiles with their neighbours: planes of ${TILE_SIZE + 2 * (REACH + CONTRAST_REACH)} pixels squared, layers of ${TILE_SIZE + 2 * REACH}`,
};
const ways: Record<string, () => Promise<number>> = {};
const closing: (() => unknown)[] = [];
/** Logits of landers of all tiles by the last run of a way, those of strips as they lie in the turned strip. */
const landers = new Map<string, Float32Array>();

ways['turn_strip'] = cpuPerTile(tiles, 1, turned);
const planes = new StripPlanes(samples, lines);
const narrow = new Uint16Array(planes.length);
const wide = new Float32Array(planes.length);
ways['planes_strip_bf16'] = cpuPerTile(tiles, 1, () => planes.write(strip.pixels, octant, narrow));
ways['planes_strip_fp32'] = cpuPerTile(tiles, 1, () => planes.write(strip.pixels, octant, wide));

await addTiles('onnx', ONNX_ON_CPU);
await addOnnxStrip();
if (hasOpenVino()) {
  await addTiles('openvino', OPENVINO_ON_CPU);
  const core = new Core();
  addOpenVinoStrip(core, 'fp32');
  addOpenVinoWindows(core);
  if (core.hasBf16()) addOpenVinoStrip(core, 'bf16');
  else notes['openvino_bf16'] = 'not measured: this CPU does not multiply bfloat16 itself';
  closing.push(() => core.close());
} else notes['openvino'] = 'not measured: it is not installed (npm run engine:openvino)';

const costs = await inRounds(ways, rounds, note);
const ratios: Record<string, Ratio> = {};
const moved: Record<string, number> = {};
for (const name of ['onnx_fp32', 'openvino_fp32', 'openvino_bf16']) {
  const [perTile, whole] = [costs.get(`${name}_per_tile`), costs.get(`${name}_strip`)];
  if (!perTile || !whole) continue;
  ratios[`${name}_shared_vs_per_tile`] = spreadOf(perTile.map((us, round) => us / whole[round]!));
  moved[`${name}_lander_spearman`] = spearman(
    landers.get(`${name}_per_tile`)!,
    inPlace(landers.get(`${name}_strip`)!),
  );
}
for (const close of closing) await close();
publish(
  {
    bench: 'shared-net',
    machine: machineFacts(),
    command: 'npm run bench -- scoring/shared-net',
    date: new Date().toISOString().slice(0, 10),
    ...{ size, rounds, busy_rounds: 0 },
    figures: {
      tiles,
      ...Object.fromEntries([...costs].map(([name, all]) => [`${name}_us`, median(all)])),
      ...moved,
    },
    ratios,
    notes,
  },
  json,
);

/** What a scan does with tiles: in fp32 and, by engines that have it, in bf16. */
async function addTiles(name: 'onnx' | 'openvino', spec: EngineSpec): Promise<void> {
  const { channels, tileSize } = architecture;
  const scorer = await createScorer(
    spec,
    {
      ...{ modelPath: model.onnxPath, hardwarePath: model.hardwarePath, channels, tileSize },
      screening: model.screening && { ...model.screening, tracks: false },
      network: { weightsPath: model.weightsPath, architecture },
    },
    1,
  );
  closing.unshift(() => scorer.close());
  addFinder(`${name}_fp32_per_tile`, new HardwareFinder((batch) => scorer.hardware!(batch), TILE_SIZE, away));
  if (name === 'openvino' && scorer.screenHardware)
    addFinder(
      `${name}_bf16_per_tile`,
      new HardwareFinder((batch) => scorer.screenHardware!(batch), TILE_SIZE, away),
    );
}

function addFinder(name: string, finder: HardwareFinder): void {
  const logits = new Float32Array(tiles);
  landers.set(name, logits);
  ways[name] = cpuPerTile(tiles, 1, async () => {
    for (let from = 0; from < tiles; from += BATCH) {
      const count = Math.min(BATCH, tiles - from);
      const { lander } = await finder.find(count, cut.subarray(from * AREA), AREA);
      logits.set(lander.subarray(0, count), from);
    }
  });
}

async function addOnnxStrip(): Promise<void> {
  const graph = exportStripNet(weights, { lines, samples, stride: STRIDE, tracks: true, type: 'float' });
  const session = await InferenceSession.create(graph, {
    ...{ intraOpNumThreads: 1, interOpNumThreads: 1, executionProviders: ['cpu'] },
  });
  closing.unshift(() => session.release());
  const input = new Tensor('float32', wide, [1, lines / 2, samples / 2, SQUARE_VALUES]);
  ways['onnx_fp32_strip'] = cpuPerTile(tiles, 1, async () => {
    planes.write(turned(), octant, wide);
    const { tops } = await session.run({ planes: input });
    landers.set('onnx_fp32_strip', tops!.data as Float32Array);
  });
}

function addOpenVinoStrip(core: Core, precision: Precision): void {
  const type = precision === 'fp32' ? 'float' : 'bfloat16';
  const tracks = precision === 'fp32';
  const [rows, columns] = [lines, samples].map((side) => (side - TILE_SIZE) / STRIDE + 1) as [number, number];
  const network = new Network<'planes', 'tops' | 'topTracks'>(
    core,
    {
      ...{ graph: exportStripNet(weights, { lines, samples, stride: STRIDE, tracks, type }), precision },
      inputs: { planes: { type, shape: [lines / 2, samples / 2, SQUARE_VALUES] } },
      outputs: {
        tops: { type: 'float', shape: [2, rows, columns] },
        ...(tracks && { topTracks: { type: 'float', shape: [1, rows, columns] } }),
      },
    },
    ...([1, 1] as const),
  );
  closing.unshift(() => network.close());
  const name = `openvino_${precision}_strip`;
  const outputs = tracks ? (['tops', 'topTracks'] as const) : (['tops'] as const);
  ways[name] = cpuPerTile(tiles, 1, () => {
    const pixels = turned();
    const fill = (values: Uint8Array | Uint16Array | Float32Array): void =>
      planes.write(pixels, octant, values as Uint16Array | Float32Array);
    const { tops } = network.run<'tops' | 'topTracks'>(1, { planes: fill }, outputs);
    landers.set(name, tops);
  });
}

/** Single tiles of the strip with the neighbours that their scores would hang on, in fp32. */
function addOpenVinoWindows(core: Core): void {
  const side = TILE_SIZE + 2 * REACH;
  const around = side + 2 * CONTRAST_REACH;
  const graph = exportStripNet(weights, {
    ...{ lines: side, samples: side, stride: STRIDE, tracks: true, type: 'float' },
  });
  const tops = (side - TILE_SIZE) / STRIDE + 1;
  const network = new Network<'planes', 'tops' | 'topTracks'>(
    core,
    {
      ...{ graph, precision: 'fp32' },
      inputs: { planes: { type: 'float', shape: [side / 2, side / 2, SQUARE_VALUES] } },
      outputs: {
        tops: { type: 'float', shape: [2, tops, tops] },
        topTracks: { type: 'float', shape: [1, tops, tops] },
      },
    },
    ...([1, 1] as const),
  );
  closing.unshift(() => network.close());
  const windowPlanes = new StripPlanes(around, around);
  const values = new Float32Array(windowPlanes.length);
  const pixels = new Uint8Array(around * around);
  const [row, wideRow] = [side, around].map((pixelsAcross) => (pixelsAcross / 2) * SQUARE_VALUES) as [
    number,
    number,
  ];
  ways['openvino_fp32_window'] = cpuPerTile(WINDOWS, 1, () => {
    for (let i = 0; i < WINDOWS; i++) {
      const x = (i * STRIDE) % (samples - around);
      for (let y = 0; y < around; y++)
        pixels.set(strip.pixels.subarray(y * samples + x, y * samples + x + around), y * around);
      windowPlanes.write(turnPicture(pixels, around, turn).pixels, octant, values);
      const fill = (out: Uint8Array | Uint16Array | Float32Array): void => {
        for (let y = 0; y < side / 2; y++) {
          const from = (y + CONTRAST_REACH / 2) * wideRow + (CONTRAST_REACH / 2) * SQUARE_VALUES;
          out.set(values.subarray(from, from + row), y * row);
        }
      };
      network.run(1, { planes: fill }, ['tops', 'topTracks']);
    }
  });
}

/** The strip turned by the Sun; this Sun mirrors it both ways, so that its sides stay. */
function turned(): Uint8Array {
  return turnPicture(strip.pixels, samples, turn).pixels;
}

/** Logits of landers of tiles where they lay before the strip was turned. */
function inPlace(tops: Float32Array): Float32Array {
  return turnPicture(tops.slice(0, tiles), strip.across, turn).pixels;
}

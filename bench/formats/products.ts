/**
 * One synthetic scene as raw product (EDR), calibrated product (CDR) and browse image (PTIF), each scanned with
 * the shipped model: how many objects they have in common, how far their scores differ, where the landers rank.
 *
 * Usage: npm run bench -- formats/products [--scenes smooth:21,rugged:22,rugged:23] [--lines 1024] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configSchema } from '../../src/config/schema.js';
import type { PixelDetection } from '../../src/domain/detection.js';
import { scanImage } from '../../src/pipeline/scan-image.js';
import type { ScanTools } from '../../src/pipeline/score-image.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { planScene, type Scene } from '../../src/simulation/scene.js';
import { writeCdr } from '../../src/simulation/write-cdr.js';
import { writeEdr } from '../../src/simulation/write-edr.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { openShippedTools } from '../shipped-tools.js';

const SAMPLES = 5064;
const STRIDE = 64;
const LANDERS = 6;
/** Objects of an image that are compared. */
const TOP_RANK = 10;
/** Objects lie at the same place within so many pixels; a lander is found within half a tile. */
const SAME_PX = 2;
const FOUND_PX = 32;
const PRODUCT = { startTime: new Date('2020-03-01T10:00:00.250Z'), orbit: 47_123 };

const KINDS = ['edr', 'cdr', 'ptif'] as const;
type Kind = (typeof KINDS)[number];
type Found = Record<Kind, readonly PixelDetection[]>;

interface Common {
  readonly same: number;
  /** Of the objects in common, in robust standard deviations. */
  readonly meanDifference: number;
}

interface SceneResult {
  readonly terrain: string;
  readonly seed: number;
  readonly edrCdr: Common;
  readonly ptifCdr: Common;
  /** Ascending; null where a lander was not found. */
  readonly ranks: Record<Kind, readonly (number | null)[]>;
}

async function main(): Promise<void> {
  const { values: o } = parseArgs({
    options: {
      scenes: { type: 'string', default: 'smooth:21,rugged:22,rugged:23' },
      lines: { type: 'string', default: '1024' },
      json: { type: 'boolean', default: false },
    },
  });
  const config = configSchema.parse({ tiling: { stride_x: STRIDE, stride_y: STRIDE } });
  const tools = await openShippedTools(config);
  const results: SceneResult[] = [];
  try {
    for (const [terrain, seed] of o.scenes.split(',').map((each) => each.split(':')))
      results.push(await measure(sceneOf(terrain, Number(seed), Number(o.lines)), tools));
  } finally {
    await tools.pool.close();
  }
  report(tools.model.id, results, o.json);
}

function sceneOf(terrain: string | undefined, seed: number, lines: number): Scene {
  if (terrain !== 'smooth' && terrain !== 'rugged')
    throw new Error('--scenes takes smooth:SEED and rugged:SEED, parted by commas');
  return planScene({
    seed,
    lines,
    samples: SAMPLES,
    terrain,
    towardsSun: { x: 0.8, y: -0.6 },
    incidenceDeg: 62,
    pixelAcrossM: 1,
    pixelAlongM: 1,
    frame: 'LEFT',
    landers: LANDERS,
  });
}

async function measure(scene: Scene, tools: ScanTools): Promise<SceneResult> {
  const { terrain, seed } = scene.spec;
  const found = await scanProducts(scene, tools);
  const landers = scene.truth.filter(({ kind }) => kind === 'lander');
  const ranksIn = (objects: readonly PixelDetection[]): (number | null)[] =>
    landers
      .map((lander) => objects.findIndex(({ peak }) => apart(peak, lander) <= FOUND_PX) + 1 || null)
      .sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
  return {
    terrain,
    seed,
    edrCdr: inCommon(found.edr, found.cdr),
    ptifCdr: inCommon(found.ptif, found.cdr),
    ranks: { edr: ranksIn(found.edr), cdr: ranksIn(found.cdr), ptif: ranksIn(found.ptif) },
  };
}

async function scanProducts(scene: Scene, tools: ScanTools): Promise<Found> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-products-'));
  const path = (name: string) => join(folder, name);
  try {
    const size = { width: scene.spec.samples, height: scene.spec.lines };
    await writeEdr(path('M1334567890LE.IMG'), scene, { ...PRODUCT, productId: 'M1334567890LE' });
    await writeCdr(path('M1334567890LC.IMG'), scene, { ...PRODUCT, productId: 'M1334567890LC' });
    await writePtif(path('M1334567890LC_pyr.tif'), size, (line, lines) => scene.render(line, lines));
    return {
      edr: await scanFile(path('M1334567890LE.IMG'), scene, tools),
      cdr: await scanFile(path('M1334567890LC.IMG'), scene, tools),
      ptif: await scanFile(path('M1334567890LC_pyr.tif'), scene, tools),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function scanFile(path: string, scene: Scene, tools: ScanTools): Promise<readonly PixelDetection[]> {
  const raster = await openRaster(path, { stretch: tools.model.manifest.normalisation.wide });
  try {
    const { signal } = new AbortController();
    return (await scanImage(raster, scene.spec.towardsSun, tools, signal)).detections;
  } finally {
    await raster.close();
  }
}

/** Objects that are among the first of both. */
function inCommon(a: readonly PixelDetection[], b: readonly PixelDetection[]): Common {
  const differences = a.slice(0, TOP_RANK).flatMap((one) => {
    const other = b.slice(0, TOP_RANK).find(({ peak }) => apart(peak, one.peak) <= SAME_PX);
    return other === undefined ? [] : [Math.abs(other.score - one.score)];
  });
  const sum = differences.reduce((total, difference) => total + difference, 0);
  return { same: differences.length, meanDifference: sum / differences.length };
}

function apart(
  a: { readonly sample: number; readonly line: number },
  b: { readonly sample: number; readonly line: number },
): number {
  return Math.hypot(a.sample - b.sample, a.line - b.line);
}

function report(model: string, results: readonly SceneResult[], json: boolean): void {
  if (json) {
    const machine = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`;
    const figures: Record<string, number> = {};
    for (const { terrain, seed, edrCdr, ptifCdr, ranks } of results) {
      const scene = `${terrain}_${seed}`;
      figures[`${scene}_same_edr_cdr`] = edrCdr.same;
      figures[`${scene}_difference_edr_cdr`] = edrCdr.meanDifference;
      figures[`${scene}_same_ptif_cdr`] = ptifCdr.same;
      figures[`${scene}_difference_ptif_cdr`] = ptifCdr.meanDifference;
      for (const kind of KINDS) figures[`${scene}_landers_in_top_10_${kind}`] = inTop(ranks[kind]);
    }
    console.log(JSON.stringify({ bench: 'formats-products', machine, figures, ratios: {} }));
    return;
  }
  console.log(`model ${model}`);
  for (const { terrain, seed, edrCdr, ptifCdr, ranks } of results) {
    const common = ({ same, meanDifference }: Common) => `${same} same, ${meanDifference.toFixed(2)} apart`;
    const landers = KINDS.map((kind) => ranks[kind].map((rank) => rank ?? '-').join(' ')).join(' / ');
    console.log(
      `${terrain} ${seed}  EDR and CDR: ${common(edrCdr)}  PTIF and CDR: ${common(ptifCdr)}  landers EDR / CDR / PTIF: ${landers}`,
    );
  }
}

function inTop(ranks: readonly (number | null)[]): number {
  return ranks.filter((rank) => rank !== null && rank <= TOP_RANK).length;
}

await main();

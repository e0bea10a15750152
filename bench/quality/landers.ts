/**
 * The whole way on the synthetic Moon: replica archive, fetching, tiling, scoring, detection and placing, and
 * how many of the planted landers are found where. L2, the paper's score, stands beside the default score.
 *
 * Usage: npm run bench -- quality/landers [--seeds 1,2,3] [--images 8] [--lines 4096] [--json]
 * Eight images hold all four flips of both terrains.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLocalGate } from '../../src/archive/politeness/host-gate.js';
import { HttpClient } from '../../src/archive/http/http-client.js';
import { VolumeIndexSource } from '../../src/archive/index/volume-index-source.js';
import { configSchema } from '../../src/config/schema.js';
import type { ByteSource } from '../../src/domain/bytes.js';
import type { Product } from '../../src/domain/product.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { chordM } from '../../src/geo/sphere.js';
import { placeDetections } from '../../src/pipeline/place-detections.js';
import { geometryOf } from '../../src/pipeline/product-geometry.js';
import { scanImage, type ImageScan } from '../../src/pipeline/scan-image.js';
import type { ScanTools } from '../../src/pipeline/score-image.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { startReplica } from '../../src/replica/replica.js';
import type { TruthEntry } from '../../src/replica/truth.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { openShippedTools } from '../shipped-tools.js';

/** A tile holds a lander when its middle lies at least so far inside. */
const INSIDE_PX = 8;
const TOP_SHARE = 0.002;
const TOP_RANK = 10;

interface Finding {
  readonly terrain: string;
  readonly tiles: number;
  /** Rank of the object found at the lander's place, null where there is none. */
  readonly objectRank: number | null;
  readonly tileRank: number;
  readonly tileRankL2: number;
  readonly distanceM: number | null;
  readonly uncertaintyM: number | null;
}

async function main(): Promise<void> {
  const { values: o } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1,2,3' },
      images: { type: 'string', default: '8' },
      lines: { type: 'string', default: '4096' },
      json: { type: 'boolean', default: false },
    },
  });
  const config = configSchema.parse({});
  const tools = await openShippedTools(config);
  const findings: Finding[] = [];
  try {
    for (const seed of o.seeds.split(',').map(Number))
      findings.push(...(await scanReplica(seed, Number(o.images), Number(o.lines), tools, o.json)));
  } finally {
    await tools.pool.close();
  }
  report(findings, o.json);
}

async function scanReplica(
  seed: number,
  images: number,
  lines: number,
  tools: ScanTools,
  quiet: boolean,
): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-landers-'));
  const replica = await startReplica({ port: 0, seed, images, lines });
  const client = new HttpClient({
    userAgent: 'selenoscan-bench',
    gate: createLocalGate({ spacingMs: 0, patienceMs: 1000, clock: systemClock }),
    clock: systemClock,
    timeoutMs: 600_000,
    retries: 3,
  });
  const archive = new VolumeIndexSource({
    urls: [replica.address],
    dataSet: 'cdr',
    client,
    clock: systemClock,
    tempDir: folder,
    access: 'download',
  });
  const findings: Finding[] = [];
  try {
    const truth = await replica.truth();
    for await (const release of archive.discover(null))
      for await (const { product } of release.products) {
        const { source } = await archive.fetchImage(product, folder);
        const planted = truth.filter((t) => t.product_id === product.productId && t.kind === 'lander');
        const found = await scanProduct(product, source, planted, tools);
        findings.push(...found);
        if (typeof source === 'string') await rm(source);
        if (!quiet) printImage(seed, product, found);
      }
  } finally {
    await archive.close();
    await replica.close();
    await rm(folder, { recursive: true, force: true });
  }
  return findings;
}

async function scanProduct(
  product: Product,
  source: string | ByteSource,
  planted: readonly TruthEntry[],
  tools: ScanTools,
): Promise<Finding[]> {
  const raster = await openRaster(source);
  try {
    const model = createCornerModel(geometryOf(product));
    const sun = model.towardsSun({ sample: product.samples / 2, line: product.lines / 2 });
    const scan = await scanImage(raster, sun, tools, new AbortController().signal);
    const names = { imageId: product.imageId, modelId: tools.model.id };
    const placed = placeDetections(scan.detections, names, { model, subSolar: product.subSolar });
    const byDefault = tileRanks(scan, scan.scores.raw);
    const byL2 = tileRanks(scan, scan.parts.l2);
    return planted.map((lander) => {
      const reach = 8 + lander.size_m / product.resolutionM;
      const object = placed.find(
        ({ peak }) => Math.hypot(peak.sample - lander.sample, peak.line - lander.line) <= reach,
      );
      const holding = tilesHolding(scan, lander);
      return {
        terrain: lander.terrain,
        tiles: scan.masked.scored,
        objectRank: object?.rankInImage ?? null,
        tileRank: Math.min(...holding.map((i) => byDefault[i] ?? Infinity)),
        tileRankL2: Math.min(...holding.map((i) => byL2[i] ?? Infinity)),
        distanceM: object?.place ? chordM(object.place, lander) : null,
        uncertaintyM: object?.place?.uncertaintyM ?? null,
      };
    });
  } finally {
    await raster.close();
  }
}

/** Rank of each tile, 1 = highest score. */
function tileRanks(scan: ImageScan, scores: Float32Array): Float64Array {
  const order = Array.from(scores.keys())
    .filter((i) => !Number.isNaN(scores[i]))
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const ranks = new Float64Array(scan.parts.count).fill(Infinity);
  order.forEach((tile, i) => (ranks[tile] = i + 1));
  return ranks;
}

function tilesHolding({ grid }: ImageScan, { sample, line }: TruthEntry): number[] {
  const inside = (from: number, at: number) => at >= from + INSIDE_PX && at <= from + grid.size - INSIDE_PX;
  const tiles: number[] = [];
  grid.ys.forEach((y, row) =>
    grid.xs.forEach((x, column) => {
      if (inside(y, line) && inside(x, sample)) tiles.push(row * grid.xs.length + column);
    }),
  );
  return tiles;
}

function printImage(seed: number, product: Product, found: readonly Finding[]): void {
  const ranks = found.map(({ objectRank }) => objectRank ?? '-').join(' ');
  const l2 = found.map(({ tileRankL2 }) => tileRankL2).join(' ');
  console.log(
    `seed ${seed} ${product.productId} ${(found[0]?.terrain ?? '').padEnd(6)} incidence ${product.incidenceDeg.toFixed(0)}  objects at rank ${ranks}  L2 tiles at rank ${l2}`,
  );
}

function report(findings: readonly Finding[], json: boolean): void {
  const share = (terrain: string, holds: (f: Finding) => boolean) => {
    const of = findings.filter((finding) => finding.terrain === terrain);
    return of.filter(holds).length / of.length;
  };
  const inTop = (rank: number, tiles: number) => rank <= Math.ceil(TOP_SHARE * tiles);
  const located = findings.filter(({ distanceM }) => distanceM !== null);
  const figures = {
    smooth_landers_in_top_10: share(
      'smooth',
      ({ objectRank }) => objectRank !== null && objectRank <= TOP_RANK,
    ),
    smooth_landers_in_top_10_tiles_by_l2: share('smooth', ({ tileRankL2 }) => tileRankL2 <= TOP_RANK),
    rugged_landers_in_top_02_percent: share('rugged', ({ tileRank, tiles }) => inTop(tileRank, tiles)),
    rugged_landers_in_top_02_percent_by_l2: share('rugged', ({ tileRankL2, tiles }) =>
      inTop(tileRankL2, tiles),
    ),
    rugged_landers_in_top_10: share(
      'rugged',
      ({ objectRank }) => objectRank !== null && objectRank <= TOP_RANK,
    ),
    landers: findings.length,
    found_within_uncertainty:
      located.filter(({ distanceM, uncertaintyM }) => (distanceM ?? 0) <= (uncertaintyM ?? 0)).length /
      located.length,
    farthest_m: Math.max(...located.map(({ distanceM }) => distanceM ?? 0)),
  };
  if (json) {
    const machine = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`;
    console.log(JSON.stringify({ bench: 'quality-landers', machine, figures, ratios: {} }));
  } else
    for (const [name, value] of Object.entries(figures))
      console.log(`${name.padEnd(40)} ${value.toFixed(3)}`);
}

await main();

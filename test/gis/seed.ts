import sharp from 'sharp';
import type { Chips, Detection, PixelDetection } from '../../src/domain/detection.js';
import type { LonLat } from '../../src/domain/geometry.js';
import { createRandom, type Random } from '../../src/domain/random.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { groundCoverage } from '../../src/geo/ground-coverage.js';
import type { TileGrid } from '../../src/domain/tile.js';
import { placeDetections } from '../../src/pipeline/place-detections.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { loadReference } from '../../src/store/reference.js';
import { layoutGeometry, type Layout } from '../geo/support.js';
import { MODEL, announce, claim, sampleProduct, sampleResult, useModel } from '../store/samples.js';

/** Results as a deployment of some years has them, made up: everywhere, at both poles and across 180 degrees. */

export interface SeededImage {
  readonly productId: string;
  readonly center: LonLat;
  readonly detections: number;
}

export interface Seeded {
  readonly images: readonly SeededImage[];
  readonly detections: number;
  /** An image with many detections around Apollo 11, one of them at its lander. */
  readonly rich: SeededImage;
  /** The image that holds the north pole, and one across the antimeridian. */
  readonly polar: SeededImage;
  readonly split: SeededImage;
}

const DAY_MS = 86_400_000;
const LINES = 52_224;
const SAMPLES = 5064;
const EVERYWHERE = 60;
const PER_IMAGE = 9;
const APOLLO_11: LonLat = { lon: 23.47314, lat: 0.67416 };
const APOLLO_11_IMAGE: LonLat = { lon: 23.45, lat: 0.75 };

export async function seed(db: Database): Promise<Seeded> {
  const random = createRandom(7);
  await loadReference(db);
  await useModel(db);
  const chips = await Promise.all([0, 1, 2, 3].map((turn) => chipsOf(random, turn)));
  const images: SeededImage[] = [];
  const add = async (center: LonLat, headingDeg: number, count: number, daysAgo: number) => {
    const image = { productId: `M${1_271_700_000 + images.length}LC`, center, detections: count };
    await scanImage(db, random, { image, headingDeg, daysAgo, chips });
    images.push(image);
    return image;
  };
  for (const center of spiral(EVERYWHERE)) {
    const daysAgo = 3 + 2200 * random.uniform() ** 2;
    await add(center, random.uniform() < 0.5 ? 2 : 178, PER_IMAGE, daysAgo);
  }
  const rich = await add(APOLLO_11_IMAGE, 178, 320, 12);
  // The same ground later: what is there twice.
  await add({ lon: 23.47, lat: 0.8 }, 178, 20, 150);
  const polar = await add({ lon: 40, lat: 89.8 }, 20, 12, 25);
  for (let i = 0; i < 8; i++) await add({ lon: 45 * i - 170, lat: 84 + (i % 3) }, 2, PER_IMAGE, 30 + 90 * i);
  for (let i = 0; i < 10; i++)
    await add({ lon: 36 * i - 175, lat: -(83.5 + (i % 4) * 1.6) }, 178, PER_IMAGE, 20 + 160 * i);
  const split = await add({ lon: 179.99, lat: -45.2 }, 176, 14, 40);
  await add({ lon: -179.6, lat: -44.6 }, 2, PER_IMAGE, 600);
  await addSites(db);
  return {
    images,
    detections: images.reduce((sum, { detections }) => sum + detections, 0),
    rich,
    polar,
    split,
  };
}

/** Coarse tiles: the outline of an image, with a shadow that was masked. */
const BLOCKS: TileGrid = {
  xs: Int32Array.from({ length: 10 }, (_, i) => 64 + 496 * i),
  ys: Int32Array.from({ length: 105 }, (_, i) => 496 * i),
  size: 496,
};

function isSeen(block: number): boolean {
  const [row, column] = [Math.floor(block / BLOCKS.xs.length), block % BLOCKS.xs.length];
  return Math.hypot(row - 30, 1.5 * (column - 3)) > 4;
}

/** Places that lie evenly over the sphere. */
function spiral(count: number): LonLat[] {
  return Array.from({ length: count }, (_, i) => ({
    lon: ((i * 137.508) % 360) - 180,
    lat: (Math.asin(1 - (2 * (i + 0.5)) / count) * 180) / Math.PI,
  }));
}

/** Moves one to where the catalogue has the lander of Apollo 11. */
function putAtKnownObject(detections: Detection[]): void {
  const one = detections[5];
  if (one?.place != null) detections[5] = { ...one, place: { ...one.place, ...APOLLO_11 } };
}

interface Scan {
  readonly image: SeededImage;
  readonly headingDeg: number;
  readonly daysAgo: number;
  readonly chips: readonly Chips[];
}

async function scanImage(
  db: Database,
  random: Random,
  { image, headingDeg, daysAgo, chips }: Scan,
): Promise<void> {
  const layout: Layout = {
    center: image.center,
    headingDeg,
    mirrored: false,
    lines: LINES,
    samples: SAMPLES,
    acrossM: 0.9,
    alongM: 0.95,
  };
  const geometry = layoutGeometry(layout);
  const model = createCornerModel(geometry);
  const startTime = new Date(Date.now() - daysAgo * DAY_MS);
  const product = sampleProduct(image.productId, {
    startTime,
    stopTime: new Date(startTime.getTime() + 30_000),
    center: image.center,
    corners: geometry.corners,
    incidenceDeg: 30 + 40 * random.uniform(),
  });
  await announce(db, product);
  const lease = await claim(db);
  const best = 4 + 5 * random.uniform();
  // However many there are, a few are high.
  const fall = Math.max(14, image.detections / 4);
  const found = Array.from({ length: image.detections }, (_, i) =>
    pixelDetection(random, i + 1, best * Math.exp(-(i + 1) / fall), chips[i % chips.length] as Chips),
  );
  const ground = { model, subSolar: { lon: 20, lat: 1 } };
  const placed = placeDetections(found, { imageId: product.imageId, modelId: MODEL }, ground);
  if (image.center === APOLLO_11_IMAGE) putAtKnownObject(placed);
  const coverage = groundCoverage(model, BLOCKS, isSeen);
  await commitScan(db, lease, sampleResult(placed, { coverage }));
}

/** An object of a few pixels somewhere in the image; outlined by the tiles that show it. */
function pixelDetection(random: Random, rank: number, about: number, chips: Chips): PixelDetection {
  const sample = 150 + random.uniform() * (SAMPLES - 300);
  const line = 150 + random.uniform() * (LINES - 300);
  const outline = tilesAround(random, sample, line);
  const samples = outline.map((corner) => corner.sample);
  const lines = outline.map((corner) => corner.line);
  const score = about * (0.75 + 0.5 * random.uniform());
  return {
    rankInImage: rank,
    score,
    scoreRaw: score / 2,
    scores: { b: score / 2, l2: score },
    tileX: 32 * Math.round(sample / 32),
    tileY: 32 * Math.round(line / 32) + (rank % 2),
    tileCount: 4,
    peak: { sample, line },
    outline,
    widthPx: Math.max(...samples) - Math.min(...samples),
    heightPx: Math.max(...lines) - Math.min(...lines),
    chips,
  };
}

/** The edge of some tiles of 32 pixels: a block with a corner of its own. */
function tilesAround(random: Random, sample: number, line: number): PixelDetection['outline'] {
  const [left, top] = [32 * Math.floor(sample / 32), 32 * Math.floor(line / 32)];
  const [width, height] = [
    64 + 32 * Math.floor(4 * random.uniform() ** 2),
    64 + 32 * Math.floor(4 * random.uniform() ** 2),
  ];
  const corners: [number, number][] = [
    [0, 0],
    [width - 32, 0],
    [width - 32, 32],
    [width, 32],
    [width, height],
    [0, height],
    [0, 0],
  ];
  return corners.map(([x, y]) => ({ sample: left + x - 32, line: top + y - 32 }));
}

/** Grains with a bright thing and its shadow. */
async function chipsOf(random: Random, turn: number): Promise<Chips> {
  const tile = await picture(64, (x, y) => {
    const grain = 95 + 40 * random.uniform() + 10 * Math.sin((x + y) / 9 + turn);
    if (Math.hypot(x - 31, y - 32) < 3) return 235;
    return Math.hypot(x - 37, y - 32) < 4 ? 20 : grain;
  });
  const smooth = await picture(64, (x, y) => 115 + 10 * Math.sin((x + y) / 9 + turn));
  return { tile, reconstruction: smooth, error: tile, context: tile };
}

function picture(size: number, shade: (x: number, y: number) => number): Promise<Buffer> {
  const bytes = Buffer.from(
    Array.from({ length: size * size }, (_, i) => Math.round(shade(i % size, Math.floor(i / size)))),
  );
  return sharp(bytes, { raw: { width: size, height: size, channels: 1 } })
    .png()
    .toBuffer();
}

/** Sites as the site builder leaves them: one to each of the better detections, of all three kinds. */
async function addSites(db: Database): Promise<void> {
  await db.query(
    `INSERT INTO selenoscan_data.site
       (status, lon, lat, uncertainty_m, looks, sightings, best_score, first_observed_at, last_observed_at, feature_id)
     SELECT CASE WHEN d.id % 3 = 0 THEN 'new' WHEN d.id % 3 = 1 THEN 'persistent' ELSE 'transient' END,
       d.lon, d.lat, d.uncertainty_m, 3, 1 + d.id % 3, d.score, p.start_time, p.start_time, d.feature_id
     FROM selenoscan_data.detection d
     JOIN selenoscan_data.scan s ON s.id = d.scan_id JOIN selenoscan_data.product p ON p.id = s.product_pk
     WHERE d.rank_in_image <= 2 ORDER BY d.id`,
  );
  await db.query(
    `UPDATE selenoscan_data.detection d SET site_id = site.id
     FROM selenoscan_data.site WHERE site.lon = d.lon AND site.lat = d.lat`,
  );
}

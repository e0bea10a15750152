import { detectionId } from '../../src/domain/detection-id.js';
import type { Detection } from '../../src/domain/detection.js';
import type { MultiPolygon } from '../../src/domain/geometry.js';
import { imageIdOf } from '../../src/domain/image-id.js';
import type { Product } from '../../src/domain/product.js';
import type { ScanResult } from '../../src/domain/scan.js';
import type { Database } from '../../src/store/database.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { claimScan } from '../../src/store/queries/claim-scan.js';
import type { ClaimedScan } from '../../src/store/queries/claim-scan.js';
import { registerModel } from '../../src/store/queries/register-model.js';
import { upsertProducts } from '../../src/store/queries/upsert-products.js';

export const MODEL = 'starter@0123456789ab';

export function sampleProduct(productId: string, changes: Partial<Product> = {}): Product {
  return {
    productId,
    version: 'v1.9',
    imageId: imageIdOf(productId),
    dataSetId: 'LRO-L-LROC-3-CDR-V1.0',
    volumeId: 'LROLRC_1067A',
    fileSpecification: `LRO-L-LROC-3-CDR-V1.0/LROLRC_1067A/DATA/ESM6/2026100/NAC/${productId}.IMG`,
    frame: 'LEFT',
    startTime: new Date('2026-04-10T01:28:54.845Z'),
    stopTime: new Date('2026-04-10T01:29:27.182Z'),
    orbit: 38731,
    lines: 52224,
    samples: 5064,
    pixelWidthM: 0.9,
    pixelHeightM: 0.96,
    resolutionM: 0.933,
    incidenceDeg: 29.95,
    emissionDeg: 1.74,
    phaseDeg: 31.37,
    subSolar: { lon: 21.81, lat: 1.51 },
    northAzimuthDeg: 274.77,
    subSolarAzimuthDeg: 144.09,
    center: { lon: 22.05, lat: 20.23 },
    corners: {
      upperLeft: { lon: 22.01, lat: 19.03 },
      upperRight: { lon: 22.1, lat: 19.03 },
      lowerRight: { lon: 22.1, lat: 20.01 },
      lowerLeft: { lon: 22.01, lat: 20.01 },
    },
    spacecraftAltitudeKm: 43.4,
    flightDirection: '-X',
    dataQuality: 0,
    rowHash: `row of ${productId}`,
    ...changes,
  };
}

/** A small square around a place, cut off at 180 degrees and at the poles. */
export function squareAround(lon: number, lat: number, half = 0.001): MultiPolygon {
  const [west, east] = [Math.max(lon - half, -180), Math.min(lon + half, 180)];
  const [south, north] = [Math.max(lat - half, -90), Math.min(lat + half, 90)];
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'MultiPolygon', coordinates: [[ring]] };
}

export function sampleDetection(
  imageId: string,
  rank: number,
  place: { lon: number; lat: number } | null = { lon: 22.05, lat: 19.5 },
  modelId = MODEL,
): Detection {
  const tileX = 64 + 32 * rank;
  const tileY = 320;
  return {
    detectionId: detectionId(imageId, modelId, tileX, tileY),
    rankInImage: rank,
    score: 6 - rank / 10,
    scoreRaw: 1.25,
    scores: { l2: 2.5, b: 1.25 },
    tileX,
    tileY,
    tileCount: 4,
    peak: { line: tileY + 31.5, sample: tileX + 30.5 },
    outline: [
      { line: 340.5, sample: 90.5 },
      { line: 340.5, sample: 98.5 },
      { line: 348.5, sample: 98.5 },
      { line: 340.5, sample: 90.5 },
    ],
    widthPx: 8,
    heightPx: 8,
    chips: {
      tile: Buffer.from(`tile ${rank}`),
      reconstruction: Buffer.from([0x89, 0x50, 0x00, 0xff, 0x5c, 0x22]),
      error: Buffer.from(`error ${rank}`),
      context: Buffer.from(`context ${rank}`),
    },
    place:
      place === null
        ? null
        : {
            ...place,
            uncertaintyM: 205.5,
            widthM: 7.2,
            heightM: 7.7,
            sunAzimuthDeg: 94.5,
            outline: squareAround(place.lon, place.lat),
          },
  };
}

export function sampleResult(
  detections: readonly Detection[],
  changes: Partial<ScanResult> = {},
): ScanResult {
  return {
    pixels: 5064 * 52_224,
    tiles: 100,
    masked: { scored: 90, detector: 1, null: 2, saturated: 3, shadow: 4 },
    statistics: { count: 90, median: 0.1, mad: 0.02, p99: 0.6, max: 1.25, threshold: 0.9 },
    screening: {
      mode: 'cascade',
      sampled: 20,
      rescored: 10,
      approximate: 60,
      checked: 40,
      beyond: 1,
      boundsVersion: 2,
    },
    scoreMap: { columns: 2, rows: 1, cell: 256, values: Float32Array.of(1.25, NaN) },
    profile: null,
    coverage: squareAround(22.05, 19.5, 0.4),
    overview: null,
    detections,
    provenance: {
      sourceUrl: 'http://127.0.0.1:1/M1_pyr.tif',
      sourceChecksum: `sha256:${'0'.repeat(64)}`,
      sourceBytes: 37_480_731,
      modelId: MODEL,
      calibrationVersion: 0,
      codeVersion: '0.1.0',
      configHash: 'abc',
      engine: 'onnxruntime 1.30.0',
      device: 'cpu',
      groundModel: 'corners',
    },
    seconds: 12.5,
    ...changes,
  };
}

/** Registers a model and makes it the active one. */
export async function useModel(db: Database, modelId = MODEL): Promise<void> {
  await registerModel(db, { id: modelId, manifest: { name: 'starter' }, calibration: {} });
  await activateModel(db, modelId);
}

/** Queues products in the live lane. */
export async function announce(db: Database, ...products: Product[]) {
  return upsertProducts(db, {
    products: products.map((product) => ({ product })),
    lane: 'live',
    modelId: MODEL,
  });
}

/** Claims the next scan, which must be there. */
export async function claim(
  db: Database,
  changes: Partial<Parameters<typeof claimScan>[1]> = {},
): Promise<ClaimedScan> {
  const options = { modelId: MODEL, worker: 'test', leaseSeconds: 60, maxAttempts: 3, ...changes };
  const scan = await claimScan(db, options);
  if (scan === null) throw new Error('Nothing to claim.');
  return scan;
}

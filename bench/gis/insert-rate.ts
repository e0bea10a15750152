import { detectionId } from '../../src/domain/detection-id.js';
import type { Detection } from '../../src/domain/detection.js';
import type { Database } from '../../src/store/database.js';
import { upsertDetections } from '../../src/store/queries/upsert-detections.js';
import { MODEL, PER_IMAGE } from './seed.js';

/** Images whose detections are written. */
const IMAGES = 100;

/** Detections a second, with their pictures, by the product's own upsert into the full table: one transaction an image. */
export async function insertRate(db: Database): Promise<number> {
  const [{ scanId } = { scanId: 1 }] = await db.query<{ scanId: number }>(
    'SELECT max(id) AS "scanId" FROM selenoscan_data.scan',
  );
  const images = Array.from({ length: IMAGES }, (_, i) =>
    detectionsOf(`N${i}L`, (i * 37) % 360, (i * 53) % 170),
  );
  const started = performance.now();
  for (const [i, detections] of images.entries()) {
    await db.transaction((tx) =>
      upsertDetections(tx, { scanId, imageId: `N${i}L`, modelId: MODEL, isCurrent: true }, detections),
    );
  }
  return (IMAGES * PER_IMAGE) / ((performance.now() - started) / 1000);
}

function detectionsOf(imageId: string, lonFrom: number, latFrom: number): Detection[] {
  return Array.from({ length: PER_IMAGE }, (_, i) => {
    const [lon, lat] = [lonFrom - 180 + (i % 7) * 0.02, latFrom - 85 + i * 0.02];
    const ring = [[lon, lat], [lon + 1e-4, lat], [lon + 1e-4, lat + 1e-4], [lon, lat + 1e-4], [lon, lat]]; // prettier-ignore
    const outline = [0, 8, 16].map((step) => ({ sample: 90.5 + step, line: 340.5 + (step % 3) }));
    return {
      detectionId: detectionId(imageId, MODEL, 64 * i, 320),
      rankInImage: i + 1,
      score: 6 - i / 10,
      scoreRaw: 1.25,
      scores: { l2: 2.5, b: 1.25, tri: 0.3 },
      tileX: 64 * i,
      tileY: 320,
      tileCount: 4,
      peak: { line: 351.5, sample: 64 * i + 30.5 },
      outline,
      widthPx: 8,
      heightPx: 8,
      // As large as the PNGs of a real detection.
      chips: { tile: Buffer.alloc(4000, i), reconstruction: Buffer.alloc(3000, i), error: Buffer.alloc(3000, i), context: Buffer.alloc(20_000, i) }, // prettier-ignore
      place: {
        lon,
        lat,
        uncertaintyM: 120,
        widthM: 8,
        heightM: 8,
        sunAzimuthDeg: 94.5,
        outline: { type: 'MultiPolygon', coordinates: [[ring]] },
      },
    };
  });
}

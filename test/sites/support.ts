import { observe, withScores, type Observation, type TrueObject } from '../../bench/sites/observe.js';
import type { RenderedImage } from '../../bench/sites/rendered-place.js';
import type { Detection } from '../../src/domain/detection.js';
import type { Product } from '../../src/domain/product.js';
import { createRandom } from '../../src/domain/random.js';
import type { ScanResult } from '../../src/domain/scan.js';
import { groundCoverage } from '../../src/geo/ground-coverage.js';
import { footprintCells } from '../../src/sites/ground-cells.js';
import { planGrid } from '../../src/tiling/grid.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult } from '../store/samples.js';

/** A product and what a scan of it gives, ready to be committed. */
export interface PreparedScan {
  readonly product: Product;
  readonly result: ScanResult;
  readonly observation: Observation;
}

/** Scans of rendered images in which objects are found as they say, beside some chance findings. */
export function prepareScans(
  images: readonly RenderedImage[],
  objects: readonly TrueObject[],
  chanceFindings: number,
  seed = 3,
): PreparedScan[] {
  return images.map((image, index) => {
    const observation = observe(image, index, objects, chanceFindings, createRandom(seed + index));
    return { ...prepare(image, observation), observation };
  });
}

function prepare(image: RenderedImage, { found, scores }: Observation): Omit<PreparedScan, 'observation'> {
  const { samples, lines } = image.overview;
  const [upperLeft, upperRight, lowerRight, lowerLeft] = image.corners;
  const product = sampleProduct(`${image.imageId}C`, {
    startTime: image.observedAt,
    samples,
    lines,
    incidenceDeg: image.incidenceDeg,
    subSolar: image.subSolar,
    corners: {
      upperLeft: upperLeft!,
      upperRight: upperRight!,
      lowerRight: lowerRight!,
      lowerLeft: lowerLeft!,
    },
  });
  const detections = [...found]
    .sort((a, b) => b.score - a.score)
    .map(({ sample, line, score, sizeM }, i): Detection => {
      const place = image.model.locate({ sample, line }, sizeM);
      const plain = sampleDetection(image.imageId, i + 1, place);
      return {
        ...plain,
        score,
        peak: { sample, line },
        place: { ...plain.place!, uncertaintyM: place.uncertaintyM, widthM: sizeM, heightM: sizeM },
      };
    });
  const grid = planGrid({ width: samples, height: lines }, { size: 64, strideX: 64, strideY: 64 });
  const overview = withScores(image.overview, scores);
  return {
    product,
    result: sampleResult(detections, {
      coverage: groundCoverage(image.model, grid, () => true),
      overview: { ...overview, cells: footprintCells(overview.lattice) },
    }),
  };
}

/** Commits scans in the order given. */
export async function commitInOrder(db: Database, scans: readonly PreparedScan[]): Promise<void> {
  for (const { product, result } of scans) {
    await announce(db, product);
    const scan = await claim(db);
    if (scan.product.productId !== product.productId) throw new Error('Another scan was claimed.');
    const { outcome } = await commitScan(db, scan, result);
    if (outcome !== 'committed') throw new Error(outcome);
  }
}

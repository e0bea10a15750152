import { rm } from 'node:fs/promises';
import type { ArchiveSource, FetchedImage } from '../archive/archive-source.js';
import { filterProduct, type ProductLimits } from '../archive/choose/filter-product.js';
import type { Clock } from '../domain/clock.js';
import { UnwantedProductError } from '../domain/errors.js';
import type { Product } from '../domain/product.js';
import type { RasterSource } from '../domain/raster.js';
import { engineUse } from '../scoring/engine-use.js';
import type { ScanResult } from '../domain/scan.js';
import { TILE_STATES } from '../domain/tile.js';
import { groundCoverage } from '../geo/ground-coverage.js';
import { placeLattice } from '../geo/place-lattice.js';
import { openRaster } from '../raster/open-raster.js';
import { footprintCells } from '../sites/ground-cells.js';
import type { Queryable } from '../store/database.js';
import { putProductSize } from '../store/queries/put-product-size.js';
import { checkSize } from './check-size.js';
import { createDownloadFolder } from '../archive/fetch/download-folder.js';
import { NextTurn } from './next-turn.js';
import { placeDetections } from './place-detections.js';
import { knownIncidence } from './product-geometry.js';
import { groundOf, type GroundTools } from './product-ground.js';
import { concludeScan, type ImageScan } from './scan-image.js';
import { scoreImage, type ScanTools } from './score-image.js';
import { inStage } from './stages.js';
import type { Turns } from './turns.js';

/** Of a tile that was looked at. */
const SCORED = TILE_STATES.indexOf('scored');

/** What a scan of the daemon needs beside the image. */
export interface ProductScanTools extends ScanTools, GroundTools {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly archive: ArchiveSource;
  readonly downloadDir: string;
  /** Which images are wanted, where only the image itself tells. */
  readonly limits: ProductLimits;
  /** How long after a product was announced its other file may be taken, ms; null = never. */
  readonly fallbackMs: number | null;
  /** Images whose strips may be scored at once, while others are fetched. */
  readonly scoring: Turns;
  /** Images that may be concluded at once, while the strips of others are scored. */
  readonly concluding: Turns;
  /** Of the calibration in `model`; 0 = the folder's own. */
  readonly calibrationVersion: number;
  readonly codeVersion: string;
  readonly configHash: string;
}

/**
 * Fetches, scans and places one product. It is fetched as soon as it comes, ahead of its turn to be scanned.
 * Nothing stays on disk, whatever happens.
 *
 * @param announcedAt when the archive first told of it
 * @throws InvalidProductError | UnwantedProductError | MissingProductError | TransientError, which decide the
 *   scan's state
 */
export async function scanProduct(
  product: Product,
  announcedAt: Date,
  tools: ProductScanTools,
  signal: AbortSignal,
  onProgress?: (done: number, total: number) => void,
): Promise<ScanResult> {
  const dir = await createDownloadFolder(tools.downloadDir);
  try {
    const fallback = mayFallBack(announcedAt, tools.fallbackMs, tools.clock.now());
    const image = await inStage('fetch', tools.onStage, () =>
      tools.archive.fetchImage(product, dir, { signal, fallback }),
    );
    return await tools.scoring.take(signal, async (leave) => {
      const raster = await openRaster(image.source, { stretch: tools.model.manifest.normalisation.wide });
      try {
        const sized = await withSize(product, raster, tools);
        return await scanFetched(sized, image, raster, tools, leave, signal, onProgress);
      } finally {
        await raster.close();
      }
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A file that is not there may yet come: the other one is taken after a while. */
function mayFallBack(announcedAt: Date, fallbackMs: number | null, now: Date): boolean {
  return fallbackMs !== null && now.getTime() - announcedAt.getTime() >= fallbackMs;
}

/**
 * The product with the size that only its image tells, which is kept, so that it is asked for once.
 * @throws UnwantedProductError where that size is outside the limits
 */
async function withSize(product: Product, raster: RasterSource, tools: ProductScanTools): Promise<Product> {
  if (!Number.isNaN(product.lines) && !Number.isNaN(product.samples)) return product;
  const sized = { ...product, lines: raster.info.height, samples: raster.info.width };
  await putProductSize(tools.db, product, sized);
  const skip = filterProduct(sized, tools.limits);
  if (skip === null) return sized;
  throw new UnwantedProductError(skip.code, skip.reason);
}

/** @param onScored called once the next image's strips may be scored */
async function scanFetched(
  product: Product,
  image: FetchedImage,
  raster: RasterSource,
  tools: ProductScanTools,
  onScored: () => void,
  signal: AbortSignal,
  onProgress?: (done: number, total: number) => void,
): Promise<ScanResult> {
  const started = performance.now();
  checkSize(product, raster);
  const { width, height } = raster.info;
  const ground = await inStage('geometry', tools.onStage, () => groundOf(product, image, raster.info, tools));
  const { model } = ground;
  const towardsSun = model.towardsSun({ sample: width / 2, line: height / 2 });
  const pool = engineUse(tools.pool);
  // The next image is begun once this one may be concluded, so that no more than two are held, and soon enough for
  // no score thread to be without work.
  const concluding = new NextTurn(tools.concluding, onScored, signal);
  const scanning = { ...tools, pool };
  const hooks = { onProgress, onLastStrip: () => concluding.ask() };
  let scan: ImageScan;
  try {
    const scored = await scoreImage(raster, towardsSun, scanning, signal, hooks);
    await concluding.come();
    scan = await concludeScan(raster, scored, scanning, signal, knownIncidence(product));
  } finally {
    await concluding.leave();
  }
  const names = { imageId: product.imageId, modelId: tools.model.id };
  const placed = await inStage('geometry', tools.onStage, () => {
    const places = placeLattice(model, width, height);
    return {
      coverage: groundCoverage(model, scan.grid, (tile) => scan.parts.state[tile] === SCORED),
      overview: { ...scan.overview, ...places, cells: footprintCells(places.lattice) },
      detections: placeDetections(scan.detections, names, ground),
    };
  });
  return {
    pixels: width * height,
    tiles: scan.parts.count,
    masked: scan.masked,
    statistics: scan.statistics,
    screening: scan.screening,
    scoreMap: scan.scoreMap,
    profile: scan.profile,
    ...placed,
    provenance: {
      sourceUrl: image.url,
      sourceChecksum: image.checksum,
      sourceBytes: image.bytes,
      modelId: tools.model.id,
      calibrationVersion: tools.calibrationVersion,
      codeVersion: tools.codeVersion,
      configHash: tools.configHash,
      engine: pool.info.engine,
      device: pool.info.device,
      groundModel: model.kind,
    },
    seconds: (performance.now() - started) / 1000,
  };
}

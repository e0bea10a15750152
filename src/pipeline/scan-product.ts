import { rm } from 'node:fs/promises';
import type { ArchiveSource, FetchedImage } from '../archive/archive-source.js';
import type { Product } from '../domain/product.js';
import type { RasterSource } from '../domain/raster.js';
import type { ScanResult } from '../domain/scan.js';
import { createCornerModel } from '../geo/corner-model.js';
import { coverageRing } from '../geo/coverage.js';
import { openRaster } from '../raster/open-raster.js';
import { validColumns } from '../domain/valid-columns.js';
import { checkSize } from './check-size.js';
import { createDownloadFolder } from './download-folder.js';
import { isdGround } from './isd-ground.js';
import { placeDetections, type Ground } from './place-detections.js';
import { geometryOf, knownIncidence } from './product-geometry.js';
import { scanImage, type ScanTools } from './scan-image.js';

/** What a scan of the daemon needs beside the image. */
export interface ProductScanTools extends ScanTools {
  readonly archive: ArchiveSource;
  readonly downloadDir: string;
  /** Of the calibration in `model`; 0 = the folder's own. */
  readonly calibrationVersion: number;
  readonly codeVersion: string;
  readonly configHash: string;
}

/**
 * Fetches, scans and places one product. Nothing stays on disk, whatever happens.
 *
 * @throws InvalidProductError | MissingProductError | TransientError, which decide the scan's state
 */
export async function scanProduct(
  product: Product,
  tools: ProductScanTools,
  signal: AbortSignal,
  onProgress?: (done: number, total: number) => void,
): Promise<ScanResult> {
  const dir = await createDownloadFolder(tools.downloadDir);
  try {
    const image = await tools.archive.fetchImage(product, dir, { signal });
    const raster = await openRaster(image.source, { stretch: tools.model.manifest.normalisation.wide });
    try {
      return await scanFetched(product, image, raster, tools, signal, onProgress);
    } finally {
      await raster.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function scanFetched(
  product: Product,
  image: FetchedImage,
  raster: RasterSource,
  tools: ProductScanTools,
  signal: AbortSignal,
  onProgress?: (done: number, total: number) => void,
): Promise<ScanResult> {
  const started = performance.now();
  checkSize(product, raster);
  const { width, height } = raster.info;
  const ground = await groundOf(product, image, raster);
  const { model } = ground;
  const towardsSun = model.towardsSun({ sample: width / 2, line: height / 2 });
  const scan = await scanImage(raster, towardsSun, tools, signal, onProgress, knownIncidence(product));
  const names = { imageId: product.imageId, modelId: tools.model.id };
  return {
    tiles: scan.parts.count,
    masked: scan.masked,
    statistics: scan.statistics,
    scoreMap: scan.scoreMap,
    profile: scan.profile,
    coverage: model.polygon(coverageRing(validColumns(width), height)),
    detections: placeDetections(scan.detections, names, ground),
    provenance: {
      sourceUrl: image.url,
      sourceChecksum: image.checksum,
      modelId: tools.model.id,
      calibrationVersion: tools.calibrationVersion,
      codeVersion: tools.codeVersion,
      configHash: tools.configHash,
      engine: tools.pool.info.engine,
      device: tools.pool.info.device,
      groundModel: model.kind,
    },
    seconds: (performance.now() - started) / 1000,
  };
}

/** The camera that took the image where its model came with it, else the corners of its index row. */
async function groundOf(product: Product, { isd }: FetchedImage, { info }: RasterSource): Promise<Ground> {
  if (isd === null) return { model: createCornerModel(geometryOf(product)), subSolar: product.subSolar };
  const model = await isdGround(isd, product, info);
  return { model, subSolar: model.subSolar };
}

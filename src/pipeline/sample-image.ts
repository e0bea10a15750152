import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { FetchedImage } from '../archive/archive-source.js';
import { InvalidProductError } from '../domain/errors.js';
import type { PixelVector } from '../domain/geometry.js';
import type { Product } from '../domain/product.js';
import type { RasterSource } from '../domain/raster.js';
import { createCornerModel } from '../geo/corner-model.js';
import { openRaster } from '../raster/open-raster.js';
import { checkSize } from './check-size.js';
import { geometryOf } from './product-geometry.js';
import type { Crop } from './sample-record.js';
import {
  faultOfWindow,
  placeWindow,
  windowBands,
  type SampleWindow,
  type WindowOptions,
} from './sample-windows.js';

/** Places tried in a band before it is left empty. */
const ATTEMPTS = 3;

/** A window as an 8-bit grey PNG with its record. */
export interface CutWindow {
  readonly crop: Crop;
  readonly png: Uint8Array;
}

/**
 * Cuts the windows of one image; the same product and options give the same ones. A band of lines without a
 * usable place has none. Closes what was fetched.
 * @throws InvalidProductError for an image of another size than its row, too small, or without a usable window
 */
export async function sampleImage(
  product: Product,
  fetched: FetchedImage,
  options: WindowOptions,
  signal: AbortSignal,
): Promise<CutWindow[]> {
  const raster = await openRaster(fetched.source);
  try {
    checkSize(product, raster);
    const bands = windowBands(raster.info.height, options);
    if (bands === 0 || raster.info.width < options.size)
      throw new InvalidProductError(
        'too_small',
        `${product.productId} of ${raster.info.width} x ${raster.info.height} pixels holds no window of ${options.size}.`,
      );
    const windows: CutWindow[] = [];
    let fault = '';
    for (let band = 0; band < bands; band++) {
      signal.throwIfAborted();
      const cut = await usableWindow(raster, product.productId, band, options);
      if (typeof cut === 'string') fault = cut;
      else windows.push(await describeCut(product, fetched, cut));
    }
    if (windows.length > 0) return windows;
    throw new InvalidProductError(
      'no_window',
      `${product.productId} has no usable window: each one tried is ${fault}.`,
    );
  } finally {
    await raster.close();
  }
}

interface Cut {
  readonly window: SampleWindow;
  readonly pixels: Uint8Array;
}

/** The first usable window of a band, or what is wrong with the last one tried. */
async function usableWindow(
  raster: RasterSource,
  productId: string,
  band: number,
  options: WindowOptions,
): Promise<Cut | string> {
  let fault = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const window = placeWindow(raster.info, productId, band, attempt, options);
    const pixels = await raster.window(window.x, window.y, window.size, window.size);
    const found = faultOfWindow(pixels, raster.info.exactNulls);
    if (found === null) return { window, pixels };
    fault = found;
  }
  return fault;
}

async function describeCut(
  product: Product,
  { url, checksum }: FetchedImage,
  { window: { x, y, size }, pixels }: Cut,
): Promise<CutWindow> {
  const png = await sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 9 })
    .toBuffer();
  const ground = createCornerModel(geometryOf(product));
  const centre = { sample: x + size / 2, line: y + size / 2 };
  const { lat, lon } = ground.locate(centre);
  const crop = {
    file: `${product.productId}_x${x}_y${y}.png`,
    product_id: product.productId,
    version: product.version,
    volume: product.volumeId,
    x,
    y,
    width: size,
    height: size,
    latitude: round(lat, 4),
    longitude: round(lon, 4),
    incidence_deg: product.incidenceDeg,
    emission_deg: product.emissionDeg,
    phase_deg: product.phaseDeg,
    resolution_m: product.resolutionM,
    sun_azimuth_deg: round(clockwiseFromUp(ground.towardsSun(centre)), 2),
    observed_at: product.startTime.toISOString(),
    data_quality: product.dataQuality,
    source_url: url,
    source_checksum: checksum,
    sha256: createHash('sha256').update(png).digest('hex'),
  };
  return { crop, png };
}

/** Direction of a vector in the image, degrees 0..360, as `--sun` takes it. */
function clockwiseFromUp({ x, y }: PixelVector): number {
  return ((Math.atan2(x, -y) * 180) / Math.PI + 360) % 360;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

import { InvalidProductError } from '../domain/errors.js';
import type { FetchedImage } from '../archive/archive-source.js';
import type { Product } from '../domain/product.js';
import type { RasterInfo } from '../domain/raster.js';
import { createCornerModel } from '../geo/corner-model.js';
import type { Dem } from '../geo/dem.js';
import { cornersOnTerrain, isdOnTerrain } from '../geo/on-terrain.js';
import { isdGround } from './isd-ground.js';
import type { Ground } from './place-detections.js';
import { geometryOf } from './product-geometry.js';

export interface GroundTools {
  /** Terrain on which pixels are placed; the sphere where there is none. */
  readonly dem?: Dem | null;
  /** Told why a camera model was not used; the product is placed by its corners then. */
  readonly onRefusedIsd?: ((productId: string, reason: string) => void) | undefined;
}

/**
 * The best ground model at hand: the camera that took the image where its model came with it, else the corners of
 * its index row; on terrain where the DEM has it.
 * @throws InvalidProductError where a camera model that belongs to the image cannot be used, and as
 *   `createCornerModel`; OperationalError `dem`
 */
export async function groundOf(
  product: Product,
  image: Pick<FetchedImage, 'isd' | 'isdOptional'>,
  info: RasterInfo,
  tools: GroundTools,
): Promise<Ground> {
  const { dem = null } = tools;
  const camera = await cameraOf(product, image, info, tools);
  if (camera !== null) {
    const model = dem === null ? camera : await isdOnTerrain(camera, info, dem);
    return { model, subSolar: model.subSolar };
  }
  const geometry = geometryOf(product);
  const model = dem === null ? createCornerModel(geometry) : await cornersOnTerrain(geometry, dem);
  return { model, subSolar: product.subSolar };
}

async function cameraOf(
  product: Product,
  { isd, isdOptional = false }: Pick<FetchedImage, 'isd' | 'isdOptional'>,
  info: RasterInfo,
  { onRefusedIsd }: GroundTools,
) {
  if (isd === null) return null;
  try {
    return await isdGround(isd, product, info);
  } catch (error) {
    if (!isdOptional || !(error instanceof InvalidProductError)) throw error;
    onRefusedIsd?.(product.productId, error.message);
    return null;
  }
}

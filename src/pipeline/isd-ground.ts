import { readFile } from 'node:fs/promises';
import { InvalidProductError } from '../domain/errors.js';
import type { GroundModel } from '../domain/geometry.js';
import type { Product } from '../domain/product.js';
import type { RasterInfo } from '../domain/raster.js';
import { createIsdModel, type IsdModel } from '../geo/isd-model.js';
import { chordM } from '../geo/sphere.js';

/** Rows and camera models of one image agree far better than this, whatever its size. */
const SAME_PLACE_M = 20_000;

/**
 * The ground model of a camera model file that came with a product's image.
 * @throws InvalidProductError naming the file, when it is none, or is of another image
 */
export async function isdGround(path: string, product: Product, info: RasterInfo): Promise<IsdModel> {
  const isd = await readIsd(path);
  try {
    const model = createIsdModel(isd, info);
    assertSamePlace(model, product, info, 'put the model of this image beside it');
    return model;
  } catch (cause) {
    throw cause instanceof InvalidProductError ? refused(path, cause.message, cause) : cause;
  }
}

/**
 * Parsed JSON of a camera model file.
 * @throws InvalidProductError naming the file
 */
export async function readIsd(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refused(path, 'the camera model (ISD) cannot be read; put the one that ALE wrote there.', cause);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(path, 'the camera model (ISD) is not valid JSON; put the one that ALE wrote there.', cause);
  }
}

function refused(path: string, why: string, cause: unknown): InvalidProductError {
  return new InvalidProductError('isd', `${path}: ${why}`, { cause });
}

/**
 * A camera model of another image would place every detection wrongly, and say nothing of it.
 * @param remedy what to do, without a full stop
 * @throws InvalidProductError `isd`
 */
export function assertSamePlace(
  model: GroundModel,
  { productId, center }: Product,
  info: RasterInfo,
  remedy: string,
): void {
  const apartM = chordM(model.locate({ sample: info.width / 2, line: info.height / 2 }), center);
  if (apartM > SAME_PLACE_M)
    throw new InvalidProductError(
      'isd',
      `The camera model places the middle of ${productId} ${(apartM / 1000).toFixed(0)} km from where its index row has it; ${remedy}.`,
    );
}

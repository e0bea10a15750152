import type { GroundModel } from '../domain/geometry.js';
import type { ImageGeometry } from '../domain/product.js';
import { createCornerModel } from './corner-model.js';
import { BLOCK } from './dem-blocks.js';
import type { Dem } from './dem.js';
import { footprintPlaces } from './footprint.js';
import type { ImageSize } from './isd-checks.js';
import type { IsdModel } from './isd-model.js';
import type { Terrain } from './terrain.js';

/** Heights of the Moon lie within this of the reference sphere, metres (-9.2 to +10.8 km). */
const HEIGHT_RANGE_M = 11_000;
/** Corners are off by less than this, metres. */
const CORNERS_OFF_M = 500;

/**
 * A camera model on the terrain of a DEM; the model itself where the DEM has no heights under the image.
 * @throws OperationalError `dem` where the DEM cannot be read
 */
export async function isdOnTerrain(model: IsdModel, image: ImageSize, dem: Dem): Promise<IsdModel> {
  const terrain = await terrainUnder(model, image, dem, HEIGHT_RANGE_M * model.obliquity);
  return terrain === null ? model : model.onTerrain(terrain);
}

/**
 * The corner model with the heights of a DEM; without them where it has none under the image.
 * @throws OperationalError `dem` where the DEM cannot be read; otherwise as `createCornerModel`
 */
export async function cornersOnTerrain(geometry: ImageGeometry, dem: Dem): Promise<GroundModel> {
  const model = createCornerModel(geometry);
  const image = { width: geometry.samples, height: geometry.lines };
  const terrain = await terrainUnder(model, image, dem, CORNERS_OFF_M);
  return terrain === null ? model : createCornerModel(geometry, terrain);
}

function terrainUnder(
  model: GroundModel,
  image: ImageSize,
  dem: Dem,
  reachM: number,
): Promise<Terrain | null> {
  // Circles about the corners of a square of this side cover it with a radius of 0.71 of it.
  const stepM = (dem.spacingM * BLOCK) / 2;
  return dem.terrainAt(footprintPlaces(model, image, stepM), 0.75 * stepM + reachM);
}

import type { GroundModel, PixelPoint, PixelVector } from '../domain/geometry.js';
import type { ImageGeometry, Product } from '../domain/product.js';
import type { RasterInfo } from '../domain/raster.js';
import { createCornerModel } from '../geo/corner-model.js';
import type { Dem } from '../geo/dem.js';
import { createIsdModel } from '../geo/isd-model.js';
import { cornersOnTerrain, isdOnTerrain } from '../geo/on-terrain.js';
import { angleDeg } from '../geo/sphere.js';
import { assertSamePlace } from '../pipeline/isd-ground.js';
import { knownIncidence } from '../pipeline/product-geometry.js';
import type { Ground } from '../pipeline/place-detections.js';
import { geometryOf } from '../pipeline/product-geometry.js';
import { geometryFromCorners } from './given-geometry.js';
import type { GivenView } from './scan-given.js';

/** How an image lies on the Moon and where its light comes from, as far as is known. */
export interface ScanView {
  readonly ground: Ground | null;
  /** Unit vector in the image. */
  readonly towardsSun: PixelVector | null;
  /** Angle of the Sun from the zenith at the image's centre, degrees; null where it is unknown. */
  readonly incidenceDeg: number | null;
  /** Metres per pixel. */
  readonly resolutionM: number | null;
  /** What a user should know of the geometry, each one sentence. */
  readonly remarks: readonly string[];
}

/**
 * The best of what is at hand: the camera before corners given by hand, these before the index row; a Sun given
 * by hand before all.
 * @throws UsageError | InvalidProductError when the geometry is not valid
 */
export function viewOf(given: GivenView, product: Product | null, info: RasterInfo): ScanView {
  return viewBy(groundOf(given, product, info), given, product, info);
}

/**
 * The same on the terrain of a DEM, where one is given and has heights under the image.
 * @throws as `viewOf`; OperationalError `dem`
 */
export async function viewOnTerrain(
  given: GivenView,
  product: Product | null,
  info: RasterInfo,
  dem: Dem | null,
): Promise<ScanView> {
  const known = groundOf(given, product, info);
  const { ground, onTerrain } = known;
  if (dem === null || ground === null || onTerrain === undefined) return viewBy(known, given, product, info);
  return viewBy({ ...known, ground: { ...ground, model: await onTerrain(dem) } }, given, product, info);
}

interface KnownGround {
  readonly ground: Ground | null;
  readonly remarks: readonly string[];
  readonly onTerrain?: (dem: Dem) => Promise<GroundModel>;
}

function viewBy(
  { ground, remarks }: KnownGround,
  given: GivenView,
  product: Product | null,
  info: RasterInfo,
): ScanView {
  const centre = { sample: info.width / 2, line: info.height / 2 };
  const lit = ground !== null && ground.subSolar !== null;
  const bySun = given.sun === undefined ? null : inImage(given.sun);
  const size = ground?.model.pixelSize(centre);
  const measured = size === undefined ? null : (size.acrossM + size.alongM) / 2;
  return {
    ground,
    towardsSun: bySun ?? (lit ? ground.model.towardsSun(centre) : null),
    incidenceDeg: knownIncidence(product) ?? (lit ? zenithDistanceDeg(ground, centre) : null),
    resolutionM: product?.resolutionM ?? measured ?? given.resolution ?? null,
    remarks,
  };
}

/** Of level ground. */
function zenithDistanceDeg({ model, subSolar }: Ground, centre: PixelPoint): number | null {
  return subSolar && angleDeg(model.locate(centre, 0), subSolar);
}

function groundOf(given: GivenView, product: Product | null, info: RasterInfo): KnownGround {
  if (given.isd !== undefined) {
    const model = createIsdModel(given.isd, info);
    if (product !== null) assertSamePlace(model, product, info, 'give by --isd the model of this image');
    return {
      ground: { model, subSolar: model.subSolar },
      remarks: model.remarks,
      onTerrain: (dem) => isdOnTerrain(model, info, dem),
    };
  }
  const known = product === null ? null : geometryOf(product);
  const subSolar = product?.subSolar ?? null;
  const byCorners = (geometry: ImageGeometry): KnownGround => ({
    ground: { model: createCornerModel(geometry), subSolar },
    remarks: [],
    onTerrain: (dem) => cornersOnTerrain(geometry, dem),
  });
  if (given.corners !== undefined) {
    const byHand = geometryFromCorners(given.corners, info);
    const { corners, cornerRoundingDeg } = byHand;
    return byCorners(known === null ? byHand : { ...known, corners, cornerRoundingDeg });
  }
  return known === null ? { ground: null, remarks: [] } : byCorners(known);
}

/** Degrees clockwise from up to a unit vector in image coordinates (y down). */
function inImage(azimuth: number): PixelVector {
  const radians = (azimuth * Math.PI) / 180;
  return { x: Math.sin(radians), y: -Math.cos(radians) };
}

import { OperationalError } from '../domain/errors.js';
import { MOON_RADIUS_M } from '../domain/geometry.js';
import { DEGREE } from './sphere.js';

/** What a GeoTIFF says of where its pixels lie. */
export interface DemGeoreference {
  /** Named in errors. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly geoKeys: Readonly<Record<string, unknown>>;
  /** ModelPixelScale: sizes of a pixel, the second one downwards. */
  readonly pixelScale: readonly number[];
  /** ModelTiepoint: column, row, 0, x, y, 0. */
  readonly tiepoint: readonly number[];
}

/** Pixels, both ends within. */
export interface PixelBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where places lie in a raster; (0, 0) is the centre of its first pixel. */
export interface DemGrid {
  readonly width: number;
  readonly height: number;
  /** Whether its last column borders on its first. */
  readonly wraps: boolean;
  /** Ground size of a pixel along a column, metres. */
  readonly spacingM: number;
  /** Column and row of a place, written to `out`; NaN where the projection has none. Degrees. */
  pixelOf(lon: number, lat: number, out: Float64Array): void;
  /** What holds all places about one; columns may lie outside of a raster that wraps. */
  boxAround(lon: number, lat: number, radiusM: number): PixelBox;
}

const [PROJECTED, GEOGRAPHIC] = [1, 2];
const [POLAR_STEREOGRAPHIC, STEREOGRAPHIC, EQUIRECTANGULAR] = [15, 14, 17];
const USER_DEFINED = 32767;
const [METRE, DEGREE_UNIT] = [9001, 9102];
/** Radii within this of the reference sphere's are its. */
const RADIUS_TOLERANCE_M = 1;

/**
 * Reads where a DEM's pixels lie: degrees, equirectangular or polar stereographic metres on the lunar sphere.
 * @throws OperationalError `dem`, one sentence, where it is of another body or in another projection
 * @see OGC GeoTIFF 1.1, clauses 7 and B
 */
export function demGrid(given: DemGeoreference): DemGrid {
  const key = (name: string, otherwise: number) => {
    const value = given.geoKeys[name];
    return typeof value === 'number' ? value : otherwise;
  };
  const refuse = (why: string): never => {
    throw demError(given.name, why);
  };
  checkBody(key, refuse);
  const [sizeX = NaN, sizeY = NaN] = given.pixelScale;
  const [i = NaN, j = NaN, , x = NaN, y = NaN] = given.tiepoint;
  if (!(sizeX > 0 && sizeY > 0 && Number.isFinite(i + j + x + y)))
    refuse('has no north-up position (ModelPixelScale and ModelTiepoint); bring it there by gdalwarp');
  const shift = key('GTRasterTypeGeoKey', 1) === 2 ? 0 : 0.5;
  const plane: Plane = { left: x - (i - shift) * sizeX, top: y + (j - shift) * sizeY, sizeX, sizeY };
  const model = key('GTModelTypeGeoKey', 0);
  if (model === GEOGRAPHIC) {
    if (key('GeogAngularUnitsGeoKey', DEGREE_UNIT) !== DEGREE_UNIT) refuse('is not in degrees');
    return cylindrical(given, plane, { perDegreeX: 1, perDegreeY: 1, lon: 0, lat: 0 });
  }
  if (model !== PROJECTED) refuse('says nothing of its projection');
  if (key('ProjLinearUnitsGeoKey', METRE) !== METRE) refuse('is not in metres');
  const easting = key('ProjFalseEastingGeoKey', 0);
  const northing = key('ProjFalseNorthingGeoKey', 0);
  const moved: Plane = { ...plane, left: plane.left - easting, top: plane.top - northing };
  const projection = key('ProjCoordTransGeoKey', 0);
  if (projection === EQUIRECTANGULAR) {
    const perDegreeY = MOON_RADIUS_M * DEGREE;
    return cylindrical(given, moved, {
      perDegreeX: perDegreeY * Math.cos(key('ProjStdParallel1GeoKey', 0) * DEGREE),
      perDegreeY,
      lon: key('ProjCenterLongGeoKey', key('ProjNatOriginLongGeoKey', 0)),
      lat: key('ProjCenterLatGeoKey', key('ProjNatOriginLatGeoKey', 0)),
    });
  }
  const polarLat = key('ProjNatOriginLatGeoKey', key('ProjCenterLatGeoKey', NaN));
  if (projection === POLAR_STEREOGRAPHIC || (projection === STEREOGRAPHIC && Math.abs(polarLat) === 90)) {
    // The latitude is that of true scale here, with the pole as the usual one.
    const trueScale = (1 + Math.sin(Math.abs(polarLat) * DEGREE)) / 2;
    if (!(trueScale > 0.5)) refuse('names no latitude of true scale');
    return polar(given, moved, {
      north: polarLat > 0,
      lon: key('ProjStraightVertPoleLongGeoKey', key('ProjCenterLongGeoKey', 0)),
      scale: key('ProjScaleAtNatOriginGeoKey', key('ProjScaleAtCenterGeoKey', 1)) * trueScale,
    });
  }
  return refuse(
    `is in the projection ${projection} of GeoTIFF, neither equirectangular nor polar stereographic; bring it there by gdalwarp`,
  );
}

export function demError(name: string, why: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'dem',
    `${name}: the terrain (geo.dem) ${why}.`,
    cause === undefined ? undefined : { cause },
  );
}

function checkBody(key: (name: string, otherwise: number) => number, refuse: (why: string) => never): void {
  const codes = [key('GeographicTypeGeoKey', USER_DEFINED), key('ProjectedCSTypeGeoKey', USER_DEFINED)];
  const ofEarth = codes.find((code) => code !== USER_DEFINED && code !== 0);
  const major = key('GeogSemiMajorAxisGeoKey', NaN);
  if (Number.isNaN(major))
    refuse(
      ofEarth === undefined
        ? 'does not say which body it is of; give it one by gdal_edit.py -a_srs IAU_2015:30100'
        : `is in EPSG:${ofEarth}, which is of the Earth; give it the Moon's by gdal_edit.py -a_srs IAU_2015:30100`,
    );
  if (Math.abs(major - MOON_RADIUS_M) > RADIUS_TOLERANCE_M)
    refuse(`is of a body of ${major} m radius, where the Moon's sphere has ${MOON_RADIUS_M} m`);
}

/** Position of the first pixel's centre and sizes of a pixel, in the units of the projection. */
interface Plane {
  readonly left: number;
  readonly top: number;
  readonly sizeX: number;
  readonly sizeY: number;
}

function cylindrical(
  { width, height }: DemGeoreference,
  { left, top, sizeX, sizeY }: Plane,
  by: {
    readonly perDegreeX: number;
    readonly perDegreeY: number;
    readonly lon: number;
    readonly lat: number;
  },
): DemGrid {
  const degreesX = sizeX / by.perDegreeX;
  const degreesY = sizeY / by.perDegreeY;
  const west = by.lon + left / by.perDegreeX;
  const north = by.lat + top / by.perDegreeY;
  const round = 360 / degreesX;
  const wraps = Math.abs(round - width) < 0.01;
  // Half of what the raster leaves of the circle lies before its first column, so that its edges are its own.
  const before = wraps ? 0 : Math.max(0, (round - width) / 2);
  const columnOf = (lon: number) => {
    const column = (((lon - west) / degreesX) % round) + before + 0.5;
    const turned = column < 0 ? column + round : column >= round ? column - round : column;
    return wraps ? turned - 0.5 : turned - before - 0.5;
  };
  return {
    width,
    height,
    wraps,
    spacingM: degreesY * DEGREE * MOON_RADIUS_M,
    pixelOf(lon, lat, out) {
      out[0] = columnOf(lon);
      out[1] = (north - lat) / degreesY;
    },
    boxAround(lon, lat, radiusM) {
      const radius = radiusM / MOON_RADIUS_M;
      const row = (north - lat) / degreesY;
      const rows = radius / DEGREE / degreesY;
      const sine = Math.sin(radius) / Math.cos(lat * DEGREE);
      const overPole = Math.abs(lat) * DEGREE + radius >= Math.PI / 2;
      const column = columnOf(lon);
      const columns = overPole ? width : Math.asin(Math.min(1, sine)) / DEGREE / degreesX;
      return {
        left: column - columns,
        right: column + columns,
        top: row - rows,
        bottom: row + rows,
      };
    },
  };
}

function polar(
  { width, height }: DemGeoreference,
  { left, top, sizeX, sizeY }: Plane,
  by: { readonly north: boolean; readonly lon: number; readonly scale: number },
): DemGrid {
  const sign = by.north ? 1 : -1;
  const pixelOf = (lon: number, lat: number, out: Float64Array) => {
    const away = 90 - sign * lat;
    // The other hemisphere stretches without end, and no DEM of a pole has it.
    const rho = away > 90 ? NaN : 2 * MOON_RADIUS_M * by.scale * Math.tan((away * DEGREE) / 2);
    const angle = (lon - by.lon) * DEGREE;
    out[0] = (rho * Math.sin(angle) - left) / sizeX;
    out[1] = (top + sign * rho * Math.cos(angle)) / sizeY;
  };
  return {
    width,
    height,
    wraps: false,
    spacingM: Math.min(sizeX, sizeY) / by.scale,
    pixelOf,
    boxAround(lon, lat, radiusM) {
      const centre = new Float64Array(2);
      pixelOf(lon, lat, centre);
      const [column = NaN, row = NaN] = centre;
      // Scale at the far side of the circle, where it is largest.
      const far = Math.max(-1, Math.sin((sign * lat - radiusM / MOON_RADIUS_M / DEGREE) * DEGREE));
      const reach = (radiusM * 2 * by.scale) / (1 + far);
      return {
        left: column - reach / sizeX,
        right: column + reach / sizeX,
        top: row - reach / sizeY,
        bottom: row + reach / sizeY,
      };
    },
  };
}

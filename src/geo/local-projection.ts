import proj4 from 'proj4';
import { MOON_RADIUS_M, type LonLat } from '../domain/geometry.js';
import { normaliseLon } from './sphere.js';

/** Metres in the plane that touches the Moon at an image's own centre: x east, y north there. */
export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

export interface LocalProjection {
  readonly center: LonLat;
  forward(place: LonLat): PlanePoint;
  inverse(point: PlanePoint): LonLat;
  /** Plane metres per metre on the ground, the same in all directions. */
  scaleAt(point: PlanePoint): number;
}

/**
 * Stereographic projection about `center`. Being conformal it keeps angles, so that directions to the Sun
 * survive, and it has no singular place near an image: poles and the antimeridian need no special case.
 * On the camera-model truth of M103595705LE (79.5 km) bilinear corners are as good in it as in the
 * orthographic one (21.2 m rms against 21.3), on a polar strip of 162 km better (7.0 against 10.5).
 */
export function localProjection(center: LonLat): LocalProjection {
  const { forward, inverse } = proj4(
    `+proj=longlat +R=${MOON_RADIUS_M} +no_defs`,
    `+proj=stere +lat_0=${center.lat} +lon_0=${center.lon} +k=1 +R=${MOON_RADIUS_M} +units=m +no_defs`,
  );
  return {
    center,
    forward({ lon, lat }) {
      const [x, y] = forward([lon, lat]);
      return { x, y };
    },
    inverse({ x, y }) {
      const [lon, lat] = inverse([x, y]);
      return { lon: normaliseLon(lon), lat };
    },
    scaleAt({ x, y }) {
      return 1 + (x * x + y * y) / (4 * MOON_RADIUS_M * MOON_RADIUS_M);
    },
  };
}

/** Radius of the reference sphere of the Moon in metres (IAU 2015, the sphere of SRID 30100). */
export const MOON_RADIUS_M = 1_737_400;

/** Planetocentric position in degrees; longitude east, -180..180. */
export interface LonLat {
  readonly lon: number;
  readonly lat: number;
}

/**
 * The four named corners of an image: UPPER = first line, LEFT = first sample. They already say how
 * the image lies on the ground, whatever its flip (lroc-archive, section 6).
 */
export interface Corners {
  readonly upperLeft: LonLat;
  readonly upperRight: LonLat;
  readonly lowerRight: LonLat;
  readonly lowerLeft: LonLat;
}

/** Position in an image: 0-based, the centre of the first pixel is (0.5, 0.5). */
export interface PixelPoint {
  readonly sample: number;
  readonly line: number;
}

/** A vector in image coordinates: x along samples (right), y along lines (down). */
export interface PixelVector {
  readonly x: number;
  readonly y: number;
}

/** GeoJSON MultiPolygon in degrees, split at the antimeridian: every longitude within -180..180. */
export interface MultiPolygon {
  readonly type: 'MultiPolygon';
  readonly coordinates: number[][][][];
}

/** Where a pixel lies on the Moon, with the radius in metres that holds the truth 95 times of 100. */
export interface GroundPoint extends LonLat {
  readonly uncertaintyM: number;
}

/** Maps pixels of one image to the Moon. Built once per image from the best geometry at hand. */
export interface GroundModel {
  /** Named in the scan, e.g. `corners`. */
  readonly kind: string;
  /** @param peakSizeM size of the object's peak on the ground; its half widens the uncertainty. */
  locate(point: PixelPoint, peakSizeM?: number): GroundPoint;
  /** Ring of pixel positions to a polygon on the Moon, split at +-180 and closed over a pole. */
  polygon(ring: readonly PixelPoint[]): MultiPolygon;
  /** Ground size of one pixel at a place: across (sample) and along (line), metres. */
  pixelSize(point: PixelPoint): { acrossM: number; alongM: number };
  /** Unit vector in the image that points towards the Sun at a place. */
  towardsSun(point: PixelPoint): PixelVector;
}

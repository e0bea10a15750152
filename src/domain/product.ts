import type { Corners, LonLat } from './geometry.js';

/**
 * One version of one NAC image as an archive announces it: a row of INDEX.TAB or its equal. A number that the
 * archive does not tell is NaN.
 */
export interface Product {
  /** e.g. `M1271742202LC`; unique together with `version`. */
  readonly productId: string;
  /** PRODUCT_VERSION_ID, e.g. `v1.9`. */
  readonly version: string;
  /** Product id without its last letter: EDR and CDR of one frame are one image. */
  readonly imageId: string;
  readonly dataSetId: string;
  readonly volumeId: string;
  /** FILE_SPECIFICATION_NAME, relative to the archive's root; the image's own path below the folder of a folder source. */
  readonly fileSpecification: string;
  readonly frame: 'LEFT' | 'RIGHT';
  readonly startTime: Date;
  readonly stopTime: Date;
  readonly orbit: number;
  /** NaN until the image is opened, where only that tells. */
  readonly lines: number;
  readonly samples: number;
  /** Ground size of a pixel across (SCALED_PIXEL_WIDTH) and along the track (…_HEIGHT), metres. */
  readonly pixelWidthM: number;
  readonly pixelHeightM: number;
  /** Mean of the two, metres per pixel. */
  readonly resolutionM: number;
  readonly incidenceDeg: number;
  readonly emissionDeg: number;
  readonly phaseDeg: number;
  readonly subSolar: LonLat;
  /** Degrees counter-clockwise on the ground from +sample (lroc-archive, section 6). */
  readonly northAzimuthDeg: number;
  readonly subSolarAzimuthDeg: number;
  readonly center: LonLat;
  readonly corners: Corners;
  readonly spacecraftAltitudeKm: number;
  /** `+X` = mirrored, `-X` = not: a cross-check only. */
  readonly flightDirection: string;
  readonly dataQuality: number;
  /** Hash of the whole index record: a changed row is a new version to scan. */
  readonly rowHash: string;
}

/** The part of a product that places an image and tells its light; `scan` may have less. */
export interface ImageGeometry {
  readonly corners: Corners;
  readonly lines: number;
  readonly samples: number;
  readonly subSolar: LonLat;
  readonly emissionDeg: number;
  readonly incidenceDeg: number;
  /** Half-width of the corners' rounding in degrees: 0.005 for INDEX.TAB, 0 for exact corners. */
  readonly cornerRoundingDeg: number;
}

import type { Corners, LonLat } from './geometry.js';

/** What a camera model tells of its image; angles in degrees at the image's centre, on the sphere. */
export interface IsdFacts {
  /** Of the centres of the outer pixels. */
  readonly corners: Corners;
  readonly center: LonLat;
  readonly subSolar: LonLat;
  /** UTC of the image's upper and lower edge. */
  readonly startTime: Date;
  readonly stopTime: Date;
  readonly incidenceDeg: number;
  readonly emissionDeg: number;
  readonly phaseDeg: number;
  /** Ground size of a pixel across and along the track, metres. */
  readonly pixelWidthM: number;
  readonly pixelHeightM: number;
  /** Height over the sphere, kilometres. */
  readonly spacecraftAltitudeKm: number;
}

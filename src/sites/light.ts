import type { LonLat } from '../domain/geometry.js';
import { DEGREE, sunAzimuthDeg } from '../geo/sphere.js';

/** How the Sun stands over a place: degrees from the zenith, and clockwise from north; null where unknown. */
export interface SunPlace {
  readonly incidenceDeg: number | null;
  readonly azimuthDeg: number | null;
}

/** @param subSolar null where unknown */
export function sunOver(place: LonLat, subSolar: LonLat | null, incidenceDeg: number | null): SunPlace {
  return { incidenceDeg, azimuthDeg: subSolar === null ? null : sunAzimuthDeg(place, subSolar) };
}

/** Angle between two Suns as seen from the ground, degrees; null where either is unknown. */
export function sunsApartDeg(a: SunPlace, b: SunPlace): number | null {
  if (a.incidenceDeg === null || b.incidenceDeg === null || a.azimuthDeg === null || b.azimuthDeg === null)
    return null;
  const [i, j] = [a.incidenceDeg * DEGREE, b.incidenceDeg * DEGREE];
  const cosine =
    Math.cos(i) * Math.cos(j) + Math.sin(i) * Math.sin(j) * Math.cos((a.azimuthDeg - b.azimuthDeg) * DEGREE);
  return Math.acos(Math.min(1, Math.max(-1, cosine))) / DEGREE;
}

/** From where on two lights are alike: a shadow that only moved must not pass for a change. */
export interface LikeLight {
  /** Incidence below which ground looks like itself, degrees. */
  readonly incidenceDeg: number;
  /** Most that two incidences may differ by, degrees. */
  readonly incidenceDifferenceDeg: number;
  /** Most that two azimuths may differ by, degrees. */
  readonly azimuthDifferenceDeg: number;
}

/** Whether two looks have like light; never where either is unknown. */
export function alike(a: SunPlace, b: SunPlace, limits: LikeLight): boolean {
  if (a.incidenceDeg === null || b.incidenceDeg === null || a.azimuthDeg === null || b.azimuthDeg === null)
    return false;
  const turn = Math.abs(((a.azimuthDeg - b.azimuthDeg + 540) % 360) - 180);
  return (
    Math.max(a.incidenceDeg, b.incidenceDeg) < limits.incidenceDeg &&
    Math.abs(a.incidenceDeg - b.incidenceDeg) <= limits.incidenceDifferenceDeg &&
    turn <= limits.azimuthDifferenceDeg
  );
}

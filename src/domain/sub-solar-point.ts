import type { LonLat } from './geometry.js';

const RADIAN = Math.PI / 180;
const DAY_MS = 86_400_000;
const J2000_MS = Date.UTC(2000, 0, 1, 12);
/** Dynamical time minus UTC, 66 s in 2009 and 69 s since 2017: a second moves the point by 0.00014 degree. */
const TT_MINUS_UTC_MS = 68_000;
/** Inclination of the lunar equator to the ecliptic, degrees. */
const INCLINATION = 1.54242;
const ASTRONOMICAL_UNIT_KM = 149_597_870.7;

/**
 * Where the Sun stands in the zenith of the Moon: Meeus, Astronomical Algorithms (2nd edition), chapter 53, with
 * the optical libration alone, the Sun of chapter 25 and the leading terms of the Moon of chapter 47. Within
 * 0.03 degree of SUB_SOLAR_LATITUDE and …_LONGITUDE of eight INDEX.TAB rows of 2010-2020, and within 0.041 degree
 * in either coordinate of the IAU's rotation model over 2009-2029.
 */
export function subSolarPoint(time: Date): LonLat {
  const t = (time.getTime() + TT_MINUS_UTC_MS - J2000_MS) / DAY_MS / 36_525;
  const elongation = 297.8501921 + 445267.1114034 * t;
  const sunAnomaly = 357.5291092 + 35999.0502909 * t;
  const moonAnomaly = 134.9633964 + 477198.8675055 * t;
  const latitudeArgument = 93.272095 + 483202.0175233 * t;
  const node = 125.0445479 - 1934.1362891 * t;
  const sun = sunSeenFromEarth(t, sunAnomaly);
  const moon = moonSeenFromEarth(t, elongation, sunAnomaly, moonAnomaly, latitudeArgument);

  // The Moon seen from the Sun: 0.15 degree at most beside the Earth.
  const parallax = moon.distanceKm / sun.distanceKm;
  const heliocentricLon = sun.lon + 180 + (parallax * cos(moon.lat) * sin(sun.lon - moon.lon)) / RADIAN;
  const heliocentricLat = parallax * moon.lat;

  const w = heliocentricLon - node;
  const a = Math.atan2(
    sin(w) * cos(heliocentricLat) * cos(INCLINATION) - sin(heliocentricLat) * sin(INCLINATION),
    cos(w) * cos(heliocentricLat),
  );
  const sine = -sin(w) * cos(heliocentricLat) * sin(INCLINATION) - sin(heliocentricLat) * cos(INCLINATION);
  return { lon: within180(a / RADIAN - latitudeArgument), lat: Math.asin(sine) / RADIAN };
}

/** Geocentric apparent longitude without nutation (the node has none either), degrees. */
function sunSeenFromEarth(t: number, anomaly: number): { lon: number; distanceKm: number } {
  const eccentricity = 0.016708634 - 0.000042037 * t;
  const center =
    (1.914602 - 0.004817 * t) * sin(anomaly) + 0.019993 * sin(2 * anomaly) + 0.000289 * sin(3 * anomaly);
  const aberration = 0.00569;
  const orbit = (1 - eccentricity ** 2) / (1 + eccentricity * cos(anomaly + center));
  return {
    lon: 280.46646 + 36000.76983 * t + center - aberration,
    distanceKm: 1.000001018 * ASTRONOMICAL_UNIT_KM * orbit,
  };
}

function moonSeenFromEarth(
  t: number,
  elongation: number,
  sunAnomaly: number,
  anomaly: number,
  latitudeArgument: number,
): { lon: number; lat: number; distanceKm: number } {
  const evection = 2 * elongation - anomaly;
  const mean = 218.3164477 + 481267.88123421 * t;
  const lon =
    6.288774 * sin(anomaly) +
    1.274027 * sin(evection) +
    0.658314 * sin(2 * elongation) +
    0.213618 * sin(2 * anomaly) -
    0.185116 * sin(sunAnomaly) -
    0.114332 * sin(2 * latitudeArgument);
  const lat =
    5.128122 * sin(latitudeArgument) +
    0.280602 * sin(anomaly + latitudeArgument) +
    0.277693 * sin(anomaly - latitudeArgument) +
    0.173237 * sin(2 * elongation - latitudeArgument);
  const distanceKm =
    385000.56 - 20905.355 * cos(anomaly) - 3699.111 * cos(evection) - 2955.968 * cos(2 * elongation);
  return { lon: mean + lon, lat, distanceKm };
}

function within180(degrees: number): number {
  const turned = degrees % 360;
  if (turned > 180) return turned - 360;
  return turned <= -180 ? turned + 360 : turned;
}

function sin(degrees: number): number {
  return Math.sin(degrees * RADIAN);
}

function cos(degrees: number): number {
  return Math.cos(degrees * RADIAN);
}

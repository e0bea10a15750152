import { MOON_RADIUS_M, type LonLat } from '../domain/geometry.js';
import { subSolarPoint } from '../domain/sub-solar-point.js';
import type { RandomStream } from '../simulation/random.js';
import { GroundStrip } from './ground-strip.js';
import { NIGHT_INCIDENCE } from './odd-rows.js';
import { RADIANS, angularDistance, bearing, destination, wrap180 } from './sphere.js';

/** How one image was taken: its place, its light and its camera. */
export interface Look {
  readonly strip: GroundStrip;
  readonly subSolar: LonLat;
  readonly incidenceDeg: number;
  readonly emissionDeg: number;
  readonly phaseDeg: number;
  /** Point below the spacecraft. */
  readonly subSpacecraft: LonLat;
  readonly altitudeKm: number;
}

export interface LookRequest {
  readonly time: Date;
  readonly lines: number;
  readonly samples: number;
  /** 0..3: line 1 north or south, mirrored or not. */
  readonly flip: number;
  /** Whether the Sun is below the horizon. Default false. */
  readonly night?: boolean;
}

/** Field of view of one NAC pixel, radians (Robinson et al. 2010). */
const IFOV = 1.0e-5;
const MAX_LATITUDE = 60;

/** Draws a near-polar orbit's look at the Moon, with the Sun where it stands at that time. */
export function planLook(
  random: RandomStream,
  { time, lines, samples, flip, night = false }: LookRequest,
): Look {
  const subSolar = subSolarPoint(time);
  const lat = Math.asin(random.between(-1, 1) * Math.sin(MAX_LATITUDE * RADIANS)) / RADIANS;
  const incidence = night
    ? random.between(NIGHT_INCIDENCE.low, Math.min(NIGHT_INCIDENCE.high, 174 - Math.abs(lat)))
    : random.between(Math.max(35, Math.abs(lat) + 6), 72);
  const side = random.chance(0.5) ? 1 : -1;
  const center = { lat, lon: wrap180(subSolar.lon + side * hourAngle(lat, subSolar.lat, incidence)) };
  const pixelAcrossM = hundredths(random.between(0.5, 1.3));
  const pixelAlongM = hundredths(clamp(pixelAcrossM * random.between(0.8, 1.3), 0.5, 1.5));
  const strip = new GroundStrip({
    center,
    headingDeg: (flip & 1 ? 0 : 180) + random.between(-9, 9),
    mirrored: (flip & 2) !== 0,
    lines,
    samples,
    pixelAcrossM,
    pixelAlongM,
  });
  const altitudeM = pixelAcrossM / IFOV;
  const emissionDeg = random.between(0.6, 2.2);
  const offNadir = Math.asin((Math.sin(emissionDeg * RADIANS) * MOON_RADIUS_M) / (MOON_RADIUS_M + altitudeM));
  const lookSide = strip.sampleBearingDeg() + (random.chance(0.5) ? 180 : 0);
  const subSpacecraft = destination(center, lookSide, emissionDeg - offNadir / RADIANS);
  const incidenceDeg = angularDistance(center, subSolar);
  const turn = (lookSide - bearing(center, subSolar)) * RADIANS;
  return {
    strip,
    subSolar,
    incidenceDeg,
    emissionDeg,
    phaseDeg: phase(incidenceDeg * RADIANS, emissionDeg * RADIANS, turn),
    subSpacecraft,
    altitudeKm: altitudeM / 1000,
  };
}

/** Difference in longitude at which the Sun stands `incidence` degrees from the vertical. */
function hourAngle(lat: number, sunLat: number, incidence: number): number {
  const cosine =
    (Math.cos(incidence * RADIANS) - Math.sin(lat * RADIANS) * Math.sin(sunLat * RADIANS)) /
    (Math.cos(lat * RADIANS) * Math.cos(sunLat * RADIANS));
  return Math.acos(clamp(cosine, -1, 1)) / RADIANS;
}

function phase(incidence: number, emission: number, turn: number): number {
  const cosine =
    Math.cos(incidence) * Math.cos(emission) + Math.sin(incidence) * Math.sin(emission) * Math.cos(turn);
  return Math.acos(clamp(cosine, -1, 1)) / RADIANS;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

import { InvalidProductError, UsageError } from '../domain/errors.js';
import type { Corners, LonLat } from '../domain/geometry.js';
import { CORNER_NAMES, cornerTurns } from '../domain/corners.js';
import { chordM, meanDirection, normaliseLon } from '../domain/sphere.js';

export { CORNER_NAMES, handedness } from '../domain/corners.js';

/** Longest NAC strips are some 170 km (polar passes at 200 km altitude); beyond this a corner is wrong. */
const MAX_SPAN_M = 600_000;

/** A triangle of corners thinner than this part of its sides' product has no area to speak of. */
const MIN_SINE = 1e-3;

const FORM = 'four "lon,lat" pairs, "ULlon,ULlat URlon,URlat LRlon,LRlat LLlon,LLlat"';

/**
 * Corners with longitudes in -180..180, checked to be a convex quadrilateral walked in order.
 * @throws InvalidProductError for sentinels (999.99), corners too far apart, without area or crossed.
 */
export function checkCorners(corners: Corners): Corners {
  for (const name of CORNER_NAMES) {
    const { lon, lat } = corners[name];
    if (!isPlace(lon, lat)) {
      throw new InvalidProductError(
        'corners',
        `The ${label(name)} corner (${lon}, ${lat}) is no place on the Moon; the product carries no usable geometry.`,
      );
    }
  }
  const places = CORNER_NAMES.map((name) => normalised(corners[name]));
  const center = meanDirection(places);
  if (places.some((place) => !(chordM(place, center) < MAX_SPAN_M / 2))) {
    throw new InvalidProductError(
      'corners',
      `The four corners lie more than ${MAX_SPAN_M / 1000} km apart; check their order and the longitudes' sign.`,
    );
  }
  const turns = cornerTurns(places);
  if (!turns.every((turn) => turn > MIN_SINE) && !turns.every((turn) => turn < -MIN_SINE)) {
    throw new InvalidProductError(
      'corners',
      'The four corners enclose no area or cross over; they must be upper left, upper right, lower right, lower left.',
    );
  }
  const [upperLeft, upperRight, lowerRight, lowerLeft] = places as [LonLat, LonLat, LonLat, LonLat];
  return { upperLeft, upperRight, lowerRight, lowerLeft };
}

/**
 * Reads the command line's `--corners`; longitudes in degrees east, -180..360.
 * @throws UsageError naming the expected form.
 */
export function parseCorners(text: string): Corners {
  const places = text
    .trim()
    .split(/[\s;]+/)
    .map((pair) => {
      const numbers = pair.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
      return { lon: numbers[0] ?? NaN, lat: numbers[1] ?? NaN, parts: numbers.length };
    });
  if (places.length !== 4 || places.some(({ lon, lat, parts }) => parts !== 2 || !isPlace(lon, lat))) {
    throw new UsageError(`--corners takes ${FORM} in degrees, got "${text}".`);
  }
  const [upperLeft, upperRight, lowerRight, lowerLeft] = places.map(normalised) as [
    LonLat,
    LonLat,
    LonLat,
    LonLat,
  ];
  return { upperLeft, upperRight, lowerRight, lowerLeft };
}

function isPlace(lon: number, lat: number): boolean {
  return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 360;
}

function normalised({ lon, lat }: LonLat): LonLat {
  return { lon: normaliseLon(lon), lat };
}

function label(name: (typeof CORNER_NAMES)[number]): string {
  return name.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`);
}

/** The Moon's sphere in metres: the reference of IAU_2015:30100. */
export const MOON_RADIUS = 1_737_400;

const RADIANS = Math.PI / 180;

/** Longitude in -180..180. */
export function normalLongitude(lon: number): number {
  return lon - 360 * Math.floor((lon + 180) / 360);
}

/**
 * Ring of places at one distance along the ground; longitudes run on from the centre's past 180, so that the ring
 * is in one piece.
 */
export function groundCircle(lon: number, lat: number, radiusM: number, points = 72): [number, number][] {
  const arc = radiusM / MOON_RADIUS;
  const [sinLat, cosLat] = [Math.sin(lat * RADIANS), Math.cos(lat * RADIANS)];
  return Array.from({ length: points + 1 }, (_, i) => {
    const bearing = (2 * Math.PI * (i % points)) / points;
    const sin = sinLat * Math.cos(arc) + cosLat * Math.sin(arc) * Math.cos(bearing);
    const east = Math.atan2(Math.sin(bearing) * Math.sin(arc) * cosLat, Math.cos(arc) - sinLat * sin);
    return [lon + east / RADIANS, Math.asin(Math.max(-1, Math.min(1, sin))) / RADIANS];
  });
}

/** The narrowest west..east span that holds all longitudes; west > east where it crosses 180. */
export function longitudeSpan(longitudes: readonly number[]): [number, number] {
  const sorted = longitudes.map(normalLongitude).sort((a, b) => a - b);
  let widest = -1;
  let span: [number, number] = [-180, 180];
  sorted.forEach((lon, i) => {
    const next = sorted[(i + 1) % sorted.length] ?? lon;
    const gap = i + 1 < sorted.length ? next - lon : next + 360 - lon;
    if (gap > widest) {
      widest = gap;
      span = [next, lon];
    }
  });
  return span;
}

/** Middle of the places' narrowest box, also across 180. */
export function centreOf(places: readonly (readonly [number, number])[]): [number, number] {
  const [west, east] = longitudeSpan(places.map(([lon]) => lon));
  const latitudes = places.map(([, lat]) => lat);
  const width = west <= east ? east - west : east - west + 360;
  return [normalLongitude(west + width / 2), (Math.min(...latitudes) + Math.max(...latitudes)) / 2];
}

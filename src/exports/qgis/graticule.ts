/** Lines of longitude and latitude as GeoJSON, so that a project has them without a database or a network. */

/** Degrees between lines, from coarse to fine; a line belongs to the coarsest that has it. */
export const STEPS = [30, 10, 1] as const;
/** Lines are cut into pieces of so many degrees: a label needs room, and a polar map cannot show the far pole. */
const PIECES = { 30: 30, 10: 10, 1: 10 } as const;
/** Degrees between the points of a parallel, which is a circle on polar maps. */
const DENSE = 1;
/** Towards the poles meridians crowd: how far those of each step go. */
const FARTHEST = { 30: 90, 10: 80, 1: 80 } as const;

/** From this latitude on a parallel is a small circle, which needs few names. */
const CROWDED = 80;

type Step = (typeof STEPS)[number];

interface Piece {
  readonly step: Step;
  /** Null where another piece names the line. */
  readonly label: string | null;
  /** Whether maps of much ground name it, too, where naming every piece would be too much. */
  readonly named: boolean;
  readonly points: readonly (readonly [lon: number, lat: number])[];
}

/** The GeoJSON text; its coordinates are degrees of IAU_2015:30100, which GeoJSON cannot say. */
export function graticuleGeoJson(): string {
  return JSON.stringify({
    type: 'FeatureCollection',
    name: 'graticule',
    features: [...meridians(), ...parallels()].map(({ points, ...properties }) => ({
      type: 'Feature',
      properties,
      geometry: { type: 'LineString', coordinates: points },
    })),
  });
}

function meridians(): Piece[] {
  const pieces: Piece[] = [];
  for (let lon = -180; lon <= 180; lon++) {
    const step = stepOf(lon);
    const piece = PIECES[step];
    for (let south = -FARTHEST[step]; south < FARTHEST[step]; south += piece) {
      pieces.push({
        step,
        label: lon === -180 ? null : degrees(lon, 'E', 'W'),
        named: south === 0 || Math.abs(south + piece / 2) === 75,
        points: [
          [lon, south],
          [lon, south + piece],
        ],
      });
    }
  }
  return pieces;
}

function parallels(): Piece[] {
  const pieces: Piece[] = [];
  for (let lat = -89; lat <= 89; lat++) {
    const step = stepOf(lat);
    const piece = PIECES[step];
    for (let west = -180; west < 180; west += piece) {
      const points = Array.from({ length: piece / DENSE + 1 }, (_, i): readonly [number, number] => [
        west + i * DENSE,
        lat,
      ]);
      const named = west % 90 === 0;
      const label = named || Math.abs(lat) < CROWDED ? degrees(lat, 'N', 'S') : null;
      pieces.push({ step, label, named, points });
    }
  }
  return pieces;
}

function stepOf(degree: number): Step {
  return STEPS.find((step) => degree % step === 0) ?? 1;
}

/** e.g. `30° E`; the prime meridian, the equator and 180 have no side. */
function degrees(value: number, plus: string, minus: string): string {
  const size = Math.abs(value);
  return size === 0 || size === 180 ? `${size}°` : `${size}° ${value > 0 ? plus : minus}`;
}

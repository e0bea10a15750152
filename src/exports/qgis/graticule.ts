/** Lines of longitude and latitude as GeoJSON, so that a project has them without a database or a network. */

/** Degrees between lines, from coarse to fine; a line belongs to the coarsest that has it. */
export const STEPS = [30, 10, 1] as const;
/** Lines are cut into pieces of so many degrees: a map that ends in their middle reads no more than it shows. */
const PIECE = 10;
/** Degrees between the points of a parallel, which is a circle on polar maps. */
const DENSE = 1;
/** Towards the poles meridians crowd: how far those of each step go. */
const FARTHEST = { 30: 90, 10: 80, 1: 80 } as const;

type Step = (typeof STEPS)[number];

/** One piece of a line; `label` only where the map should name it. */
interface Piece {
  readonly step: Step;
  readonly label: string | null;
  readonly points: readonly (readonly [lon: number, lat: number])[];
}

/** The GeoJSON text; its coordinates are degrees of IAU_2015:30100, which GeoJSON cannot say. */
export function graticuleGeoJson(): string {
  return JSON.stringify({
    type: 'FeatureCollection',
    name: 'graticule',
    features: [...meridians(), ...parallels()].map(({ step, label, points }) => ({
      type: 'Feature',
      properties: { step, label },
      geometry: { type: 'LineString', coordinates: points },
    })),
  });
}

function meridians(): Piece[] {
  const pieces: Piece[] = [];
  for (let lon = -180; lon <= 180; lon++) {
    const step = stepOf(lon);
    for (let south = -FARTHEST[step]; south < FARTHEST[step]; south += PIECE) {
      const named = south === 0 || Math.abs(south + PIECE / 2) === 75;
      pieces.push({
        step,
        label: named && lon > -180 ? degrees(lon, 'E', 'W') : null,
        points: [
          [lon, south],
          [lon, south + PIECE],
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
    for (let west = -180; west < 180; west += PIECE) {
      const points = Array.from({ length: PIECE / DENSE + 1 }, (_, i): readonly [number, number] => [
        west + i * DENSE,
        lat,
      ]);
      const named = west % 90 === 0;
      pieces.push({ step, label: named ? degrees(lat, 'N', 'S') : null, points });
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

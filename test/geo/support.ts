import { existsSync, readFileSync } from 'node:fs';
import { MOON_RADIUS_M, type Corners, type LonLat, type PixelPoint } from '../../src/domain/geometry.js';
import type { ImageGeometry } from '../../src/domain/product.js';

const DEGREE = Math.PI / 180;
const DATA = new URL('../../../shared/data/', import.meta.url);

/** Whether the real data lie beside the checkout; says so once where they do not. */
export function haveData(path: string): boolean {
  const present = existsSync(new URL(path, DATA));
  if (!present) console.warn(`skipped: ../shared/data/${path} is not there`);
  return present;
}

export function readData(path: string): string {
  return readFileSync(new URL(path, DATA), 'latin1');
}

/** Camera-model truth of one whole image: a grid of pixel centres and their places. */
export interface TruthTable {
  readonly lines: number;
  readonly samples: number;
  readonly points: readonly (PixelPoint & LonLat)[];
  readonly corners: Corners;
}

export const TRUTH_PATH = 'geometry/truth_M103595705LE_52224x5064.csv';

export function readTruth(): TruthTable {
  const points = readData(TRUTH_PATH)
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => {
      const [line = NaN, sample = NaN, lon = NaN, lat = NaN] = row.split(',').map(Number);
      return { line, sample, lon, lat };
    });
  const at = (line: number, sample: number): LonLat => {
    const found = points.find((p) => p.line === line && p.sample === sample);
    if (!found) throw new Error(`no truth at ${line}, ${sample}`);
    return { lon: found.lon, lat: found.lat };
  };
  const [lines, samples] = [52224, 5064];
  return {
    lines,
    samples,
    points,
    corners: {
      upperLeft: at(0.5, 0.5),
      upperRight: at(0.5, samples - 0.5),
      lowerRight: at(lines - 0.5, samples - 0.5),
      lowerLeft: at(lines - 0.5, 0.5),
    },
  };
}

/** One real INDEX.TAB record, cut by its columns. */
export type IndexRow = (column: string) => string;

export function readIndexRows(): IndexRow[] {
  const columns = JSON.parse(readData('index/INDEX_columns.json')) as Record<string, string | number>[];
  return [901, 902].flatMap((length) => {
    const table = readData(`index/INDEX_${length}.TAB`);
    return Array.from({ length: table.length / length }, (_, i): IndexRow => {
      const record = table.slice(i * length, (i + 1) * length);
      return (name) => {
        const column = columns.find((c) => c['name'] === name);
        if (!column) throw new Error(`no column ${name}`);
        const from = Number(column[`start_byte_${length}`]) - 1;
        return record.slice(from, from + Number(column[`bytes_${length}`])).trim();
      };
    });
  });
}

export function rowPlace(row: IndexRow, prefix: string): LonLat {
  return { lon: Number(row(`${prefix}_LONGITUDE`)), lat: Number(row(`${prefix}_LATITUDE`)) };
}

export function rowGeometry(row: IndexRow): ImageGeometry {
  return {
    corners: {
      upperLeft: rowPlace(row, 'UPPER_LEFT'),
      upperRight: rowPlace(row, 'UPPER_RIGHT'),
      lowerRight: rowPlace(row, 'LOWER_RIGHT'),
      lowerLeft: rowPlace(row, 'LOWER_LEFT'),
    },
    lines: Number(row('IMAGE_LINES')),
    samples: Number(row('LINE_SAMPLES')),
    subSolar: rowPlace(row, 'SUB_SOLAR'),
    emissionDeg: Number(row('EMISSION_ANGLE')),
    incidenceDeg: Number(row('INCIDENCE_ANGLE')),
    cornerRoundingDeg: 0.005,
  };
}

/** Great-circle distance in metres by the haversine. */
export function distanceM(a: LonLat, b: LonLat): number {
  const s = (x: number) => Math.sin((x * DEGREE) / 2) ** 2;
  const h = s(b.lat - a.lat) + Math.cos(a.lat * DEGREE) * Math.cos(b.lat * DEGREE) * s(b.lon - a.lon);
  return 2 * MOON_RADIUS_M * Math.asin(Math.sqrt(h));
}

/** Initial great-circle bearing, degrees clockwise from north, by spherical trigonometry. */
export function bearingDeg(a: LonLat, b: LonLat): number {
  const d = (b.lon - a.lon) * DEGREE;
  const [p, q] = [a.lat * DEGREE, b.lat * DEGREE];
  const y = Math.sin(d) * Math.cos(q);
  const x = Math.cos(p) * Math.sin(q) - Math.sin(p) * Math.cos(q) * Math.cos(d);
  return (Math.atan2(y, x) / DEGREE + 360) % 360;
}

/** The place `metres` away in a direction (degrees clockwise from north; at a pole, of the given longitude). */
export function destination(from: LonLat, bearing: number, metres: number): LonLat {
  const [l, p, b, d] = [from.lon * DEGREE, from.lat * DEGREE, bearing * DEGREE, metres / MOON_RADIUS_M];
  const up = [Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p)];
  const north = [-Math.sin(p) * Math.cos(l), -Math.sin(p) * Math.sin(l), Math.cos(p)];
  const east = [-Math.sin(l), Math.cos(l), 0];
  const [x = 0, y = 0, z = 0] = up.map(
    (u, i) => Math.cos(d) * u + Math.sin(d) * (Math.cos(b) * (north[i] ?? 0) + Math.sin(b) * (east[i] ?? 0)),
  );
  return { lon: Math.atan2(y, x) / DEGREE, lat: Math.atan2(z, Math.hypot(x, y)) / DEGREE };
}

/** Smallest difference of two angles, degrees, -180..180. */
export function angleBetween(a: number, b: number): number {
  return ((((a - b + 180) % 360) + 360) % 360) - 180;
}

/** An image laid out on the ground: where +line points, on which side +sample lies, how big a pixel is. */
export interface Layout {
  readonly center: LonLat;
  /** Direction of increasing lines, degrees clockwise from north. */
  readonly headingDeg: number;
  /** Mirrored as seen from above. */
  readonly mirrored: boolean;
  readonly lines: number;
  readonly samples: number;
  readonly acrossM: number;
  readonly alongM: number;
  readonly subSolar?: LonLat;
}

/** Where a pixel of a layout lies, by azimuth and distance from its centre. */
export function layoutPlace(o: Layout, { sample, line }: PixelPoint): LonLat {
  const down = (line - o.lines / 2) * o.alongM;
  const right = (sample - o.samples / 2) * o.acrossM;
  // Seen from above, +sample of a direct image lies 90 degrees counter-clockwise of +line.
  const toSample = o.headingDeg + (o.mirrored ? 90 : -90);
  const north = down * Math.cos(o.headingDeg * DEGREE) + right * Math.cos(toSample * DEGREE);
  const east = down * Math.sin(o.headingDeg * DEGREE) + right * Math.sin(toSample * DEGREE);
  return destination(o.center, Math.atan2(east, north) / DEGREE, Math.hypot(north, east));
}

export function layoutGeometry(o: Layout): ImageGeometry {
  const at = (sample: number, line: number) => layoutPlace(o, { sample, line });
  const [right, bottom] = [o.samples - 0.5, o.lines - 0.5];
  return {
    corners: {
      upperLeft: at(0.5, 0.5),
      upperRight: at(right, 0.5),
      lowerRight: at(right, bottom),
      lowerLeft: at(0.5, bottom),
    },
    lines: o.lines,
    samples: o.samples,
    subSolar: o.subSolar ?? { lon: 0, lat: 0 },
    emissionDeg: 1.7,
    incidenceDeg: 50,
    cornerRoundingDeg: 0,
  };
}

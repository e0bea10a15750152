import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { OperationalError, UsageError } from '../domain/errors.js';
import { DETECTION_COLUMNS, type DetectionRow } from './scan-report.js';

/** GeoJSON has no member for a reference system (RFC 7946), so that the body is said in words. */
const ABOUT = {
  name: 'selenoscan detections',
  body: 'Moon',
  coordinates:
    'IAU_2015:30100: planetocentric longitude (east, -180..180) and latitude on a sphere of 1737400 m, degrees',
  credits: 'Images: NASA/GSFC/Arizona State University',
};

const FORMATS: Readonly<Record<string, (rows: readonly DetectionRow[]) => string>> = {
  '.geojson': toGeoJson,
  '.csv': toCsv,
};

/** Asked before the work is done. @throws UsageError for a kind of file, or a folder, that cannot be written */
export async function checkOut(path: string): Promise<void> {
  if (!Object.hasOwn(FORMATS, extname(path).toLowerCase()))
    throw new UsageError(`--out ${path}: only .geojson and .csv are written; give a name that ends so.`);
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw new UsageError(`--out ${path}: its folder is not there or cannot be written; give another one.`, {
      cause,
    });
  });
}

/** Writes detections as GeoJSON or CSV, told by the name. @throws OperationalError when the file cannot be written */
export async function writeDetections(path: string, rows: readonly DetectionRow[]): Promise<void> {
  const format = FORMATS[extname(path).toLowerCase()] ?? toGeoJson;
  await writeFile(path, format(rows)).catch((cause: unknown) => {
    throw new OperationalError('out', `${path} cannot be written; check the folder given by --out.`, {
      cause,
    });
  });
}

function toGeoJson(rows: readonly DetectionRow[]): string {
  const features = rows.map(({ geom, ...properties }) => ({ type: 'Feature', geometry: geom, properties }));
  return `${JSON.stringify({ type: 'FeatureCollection', ...ABOUT, features })}\n`;
}

function toCsv(rows: readonly DetectionRow[]): string {
  const columns = DETECTION_COLUMNS.filter((column) => column !== 'geom');
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return [columns.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

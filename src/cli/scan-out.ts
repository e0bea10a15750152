import { extname } from 'node:path';
import { UsageError } from '../domain/errors.js';
import { csvCompanions, writeCsv } from '../exports/csv.js';
import { writeGeoJson, writeGeoJsonLines } from '../exports/geojson.js';
import { writeGeoPackage } from '../exports/geopackage/write-geopackage.js';
import type { ExportLayer, ExportRow, GeometryForm } from '../exports/layer.js';
import type { Provenance } from '../exports/provenance.js';
import { checkTarget, writeStaged, type Target } from '../exports/staged.js';
import { DETECTION_KINDS, type DetectionRow } from './scan-report.js';
import { codeVersion } from './version.js';

type Write = (path: string, layer: ExportLayer, provenance: Provenance) => Promise<void>;

const FORMATS: Readonly<Record<string, Write>> = {
  '.gpkg': (path, layer, provenance) => writeGeoPackage(path, [layer], provenance),
  '.geojson': writeGeoJson,
  '.geojsonl': writeGeoJsonLines,
  '.csv': writeCsv,
};

/** Asked before the work is done. @throws UsageError for a kind of file, or a folder, that cannot be written */
export async function checkOut(path: string): Promise<void> {
  formatOf(path);
  await checkTarget(targetOf(path));
}

/**
 * Writes detections in the format that the name tells; what is there is replaced.
 * @throws OperationalError when the file cannot be written
 */
export async function writeDetections(
  path: string,
  rows: readonly DetectionRow[],
  modelId: string,
): Promise<void> {
  const provenance = { modelId, codeVersion: codeVersion(), createdAt: new Date(), filters: {} };
  await writeStaged(targetOf(path), (staged) => formatOf(path)(staged, layerOf(rows), provenance));
}

function formatOf(path: string): Write {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  const offered = Object.keys(FORMATS)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' and ');
  throw new UsageError(`--out ${path}: only ${offered} are written; give a name that ends so.`);
}

function targetOf(path: string): Target {
  const beside = extname(path).toLowerCase() === '.csv' ? csvCompanions(path) : [];
  return { path, beside, force: true };
}

function layerOf(rows: readonly DetectionRow[]): ExportLayer {
  const columns = Object.entries(DETECTION_KINDS).flatMap(([name, kind]) =>
    kind === 'geometry' ? [] : [{ name, kind, description: '' }],
  );
  return {
    name: 'detections',
    description: 'Anomalies found in the images that were scanned, as points.',
    geometryType: 'Point',
    columns,
    // Numbers within their images: several images have the same.
    key: null,
    count: rows.length,
    async *rows(form) {
      yield await Promise.resolve(rows.map((row) => rowOf(row, form)));
    },
  };
}

function rowOf({ geom, ...values }: DetectionRow, form: GeometryForm): ExportRow {
  const { lon, lat } = values;
  if (geom === null || typeof lon !== 'number' || typeof lat !== 'number')
    return { values, geometry: null, bounds: null };
  return { values, geometry: pointAs(form, lon, lat), bounds: [lon, lat, lon, lat] };
}

function pointAs(form: GeometryForm, lon: number, lat: number): Uint8Array | string {
  if (form === 'geojson') return JSON.stringify({ type: 'Point', coordinates: [lon, lat] });
  if (form === 'wkt') return `POINT(${lon} ${lat})`;
  const wkb = Buffer.alloc(21);
  wkb.writeUInt8(1, 0);
  wkb.writeUInt32LE(1, 1);
  wkb.writeDoubleLE(lon, 5);
  wkb.writeDoubleLE(lat, 13);
  return wkb;
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeDetections } from '../../src/cli/scan-out.js';
import { DETECTION_COLUMNS, type DetectionRow } from '../../src/cli/scan-report.js';
import { writeCsv } from '../../src/exports/csv.js';
import { writeGeoJson } from '../../src/exports/geojson.js';
import { writeGeoPackage } from '../../src/exports/geopackage/write-geopackage.js';
import { describeWithGdal } from '../support/gdal.js';
import { PROVENANCE, sampleLayer } from './samples.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-gdal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const VALUES = {
  score: 6.25,
  note: 'a, "b"\nc',
  seen: new Date('2026-04-10T01:28:54.845Z'),
  day: '1969-07-20',
  scores: { l2: 2.5 },
  known: true,
};
const ROWS = [
  { values: { id: 3, ...VALUES }, at: [-180, 10] as const },
  { values: { id: 5, ...VALUES, note: null }, at: [179.5, -89] as const },
  { values: { id: 9, ...VALUES, score: null }, at: null },
];

describeWithGdal('GDAL reads exports', () => {
  const info = (path: string) => execFileSync('ogrinfo', ['-al', path], { encoding: 'utf8' });
  const layer = sampleLayer(ROWS);

  it.each([
    ['.gpkg', (path: string) => writeGeoPackage(path, [layer], PROVENANCE)],
    ['.geojson', (path: string) => writeGeoJson(path, layer, PROVENANCE)],
    ['.csv', (path: string) => writeCsv(path, layer, PROVENANCE)],
  ])('%s on the sphere of the Moon, with every row and its types', async (end, write) => {
    const path = join(folder, `sample${end}`);
    await write(path);
    const text = info(path);
    expect(text).toMatch(/GEOGCRS\["Moon \(2015\) - Sphere \/ Ocentric"/);
    expect(text).toMatch(/ELLIPSOID\["Moon \(2015\) - Sphere",1737400,0/);
    expect(text).toMatch(/Feature Count: 3\b/);
    expect(text).toMatch(/Extent: \(-180\.000000, -89\.000000\) - \(179\.500000, 10\.000000\)/);
    expect(text).toMatch(/score: Real/);
    expect(text).toMatch(/seen: DateTime/);
    expect(text).toMatch(/day: Date/);
    expect(text).toMatch(/POINT \(-180 10\)/);
    expect(text).toMatch(/seen \(DateTime\) = 2026\/04\/10 01:28:54\.845\+00/);
    if (end === '.gpkg') expect(text).toMatch(/scores: String\(JSON\)/);
  });

  it('the GeoPackage of a scan, whose detections may lie nowhere', async () => {
    const path = join(folder, 'scan.gpkg');
    const nothing = Object.fromEntries(DETECTION_COLUMNS.map((name) => [name, null]));
    const row = { ...nothing, id: 1, score: 7.5, scores: { l2: 1 } } as unknown as DetectionRow;
    const geom = { type: 'Point', coordinates: [22.5, -10] };
    await writeDetections(path, [row, { ...row, lon: 22.5, lat: -10, geom }], 'starter@0');
    const text = info(path);
    expect(text).toMatch(/ELLIPSOID\["Moon \(2015\) - Sphere",1737400,0/);
    expect(text).toMatch(/Feature Count: 2\b/);
    expect(text.match(/POINT/g)).toHaveLength(1);
    expect(text).toMatch(/POINT \(22\.5 -10\)/);
  });
});

import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import Sqlite from 'libsql';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeCsv } from '../../src/exports/csv.js';
import { writeGeoJson, writeGeoJsonLines } from '../../src/exports/geojson.js';
import { geometryBlob } from '../../src/exports/geopackage/geometry-blob.js';
import { writeGeoPackage } from '../../src/exports/geopackage/write-geopackage.js';
import { PROVENANCE, sampleLayer } from './samples.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-formats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (end: string) => join(folder, `${(files += 1)}${end}`);

const time = fc.date({ min: new Date('2009-07-01'), max: new Date('2099-01-01'), noInvalidDate: true });
const nullable = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null });
const rows = fc.uniqueArray(
  fc.record({
    values: fc.record({
      id: fc.integer({ min: 1, max: 2 ** 48 }),
      score: nullable(
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      ),
      note: nullable(
        fc.string({ unit: 'binary' }).filter((text) => text !== '' && !/[\0\ud800-\udfff]/.test(text)),
      ),
      seen: nullable(time),
      day: nullable(time.map((date) => date.toISOString().slice(0, 10))),
      scores: nullable(
        fc.dictionary(
          fc.string({ maxLength: 3 }).filter((name) => name !== '__proto__'),
          fc.integer(),
          { maxKeys: 3 },
        ),
      ),
      known: nullable(fc.boolean()),
    }),
    at: nullable(fc.tuple(fc.integer({ min: -180, max: 180 }), fc.integer({ min: -90, max: 90 }))),
  }),
  { selector: ({ values }) => values.id, maxLength: 8 },
);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the formats of exports give back what was put in', () => {
  it('GeoJSON, and its lines', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const [one, lines] = [newFile('.geojson'), newFile('.geojsonl')];
        await writeGeoJson(one, sampleLayer(given), PROVENANCE);
        await writeGeoJsonLines(lines, sampleLayer(given), PROVENANCE);
        const features = given.map(({ values, at }) => ({
          type: 'Feature',
          id: values.id,
          geometry: at && { type: 'Point', coordinates: at },
          properties: plain(values),
        }));
        const read = JSON.parse(readFileSync(one, 'utf8')) as Record<string, unknown>;
        expect(read['features']).toEqual(features);
        expect(read['filters']).toEqual(PROVENANCE.filters);
        const each = readFileSync(lines, 'utf8').split('\n').slice(0, -1);
        expect(each.map((line) => JSON.parse(line) as unknown)).toEqual(
          features.map((feature) => expect.objectContaining(feature) as unknown),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('CSV', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const path = newFile('.csv');
        await writeCsv(path, sampleLayer(given), PROVENANCE);
        const read = parse<Record<string, string>>(readFileSync(path), {
          columns: true,
          record_delimiter: '\r\n',
        });
        const text = (value: Date | string | null) =>
          value === null ? '' : value instanceof Date ? value.toISOString() : value;
        expect(read.map(({ scores, score, ...row }) => ({ ...row, score: Number(score), scores }))).toEqual(
          given.map(({ values, at }) => ({
            id: String(values.id),
            score: values.score ?? 0,
            note: text(values.note),
            seen: text(values.seen),
            day: text(values.day),
            scores: values.scores === null ? '' : JSON.stringify(values.scores),
            known: values.known === null ? '' : values.known ? '1' : '0',
            WKT: at === null ? '' : `POINT(${at.join(' ')})`,
            credits: 'NASA/GSFC/Arizona State University',
          })),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('GeoPackage, with an index and an extent of exactly its rows', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const path = newFile('.gpkg');
        await writeGeoPackage(path, [sampleLayer(given)], PROVENANCE, [
          { layer: 'detections', name: 'plain', qml: '<qgis/>' },
        ]);
        const file = new Sqlite(path, { readonly: true });
        const all = (sql: string) => file.prepare(sql).all() as Record<string, unknown>[];
        const sorted = [...given].sort((a, b) => a.values.id - b.values.id);
        expect(all('SELECT id, score, note, seen, day, scores, known FROM detections ORDER BY id')).toEqual(
          sorted.map(({ values }) => ({
            ...values,
            seen: values.seen?.toISOString() ?? null,
            scores: values.scores && JSON.stringify(values.scores),
            known: values.known === null ? null : Number(values.known),
          })),
        );
        const placed = sorted.flatMap(({ values, at }) => (at === null ? [] : [{ id: values.id, at }]));
        expect(all('SELECT id, minx, maxy FROM rtree_detections_geom ORDER BY id')).toEqual(
          placed.map(({ id, at: [minx, maxy] }) => ({ id, minx, maxy })),
        );
        const [extent] = all("SELECT min_x, max_y FROM gpkg_contents WHERE data_type = 'features'");
        expect(extent).toEqual({
          min_x: placed.length === 0 ? null : Math.min(...placed.map(({ at }) => at[0])),
          max_y: placed.length === 0 ? null : Math.max(...placed.map(({ at }) => at[1])),
        });
        expect(all('SELECT f_table_name, styleQML, useAsDefault FROM layer_styles')).toEqual([
          { f_table_name: 'detections', styleQML: '<qgis/>', useAsDefault: 1 },
        ]);
        file.close();
      }),
      { numRuns: 25 },
    );
  });

  it('GeoPackage numbers rows that have no key of their own', async () => {
    const path = newFile('.gpkg');
    const values = { id: 1, score: 5, note: null, seen: null, day: null, scores: null, known: null };
    const twice = [
      { values, at: [1, 2] as const },
      { values, at: null },
    ];
    await writeGeoPackage(path, [sampleLayer(twice, { key: null })], PROVENANCE);
    const file = new Sqlite(path, { readonly: true });
    expect(file.prepare('SELECT fid, id FROM detections').raw().all()).toEqual([
      [1, 1],
      [2, 1],
    ]);
    file.close();
  });
});

describe('a geometry of a GeoPackage', () => {
  it('has a header with the Moon, and an envelope where it is no point', () => {
    const point = geometryBlob(Buffer.alloc(21, 7), [1, 2, 1, 2]);
    expect(point.subarray(0, 8).toString('hex')).toBe('475000019475' + '0000');
    expect(point.subarray(8)).toEqual(Buffer.alloc(21, 7));
    const area = geometryBlob(Buffer.alloc(93, 7), [-180, -1, 180, 2]);
    expect(area.readUInt8(3)).toBe(3);
    expect([8, 16, 24, 32].map((at) => area.readDoubleLE(at))).toEqual([-180, 180, -1, 2]);
    expect(area.subarray(40)).toEqual(Buffer.alloc(93, 7));
  });
});

import type { Database } from 'libsql';
import type { Bounds, ColumnKind, ExportLayer, ExportRow } from '../layer.js';
import { MOON_SRID } from '../moon-crs.js';
import { geometryBlob } from './geometry-blob.js';
import { createIndex, indexName, indexTriggers } from './spatial-index.js';
import { quoted } from './tables.js';

const GEOMETRY = 'geom';
/** Key of rows that have none. */
const OWN_KEY = 'fid';

const TYPES: Readonly<Record<ColumnKind, string>> = {
  integer: 'INTEGER',
  real: 'DOUBLE',
  text: 'TEXT',
  boolean: 'BOOLEAN',
  time: 'DATETIME',
  date: 'DATE',
  json: 'TEXT',
};

const JSON_TYPE = 'application/json';

/** Writes one layer with its index, its row of contents and the descriptions of its columns. */
export async function writeLayer(db: Database, layer: ExportLayer, changed: Date): Promise<void> {
  const { name, columns } = layer;
  const key = layer.key ?? OWN_KEY;
  const fields = columns.filter((column) => column.name !== layer.key);
  db.exec(
    `CREATE TABLE ${quoted(name)} (${[
      `${quoted(key)} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL`,
      `${quoted(GEOMETRY)} ${(layer.geometryType ?? 'Geometry').toUpperCase()}`,
      ...fields.map((field) => `${quoted(field.name)} ${TYPES[field.kind]}`),
    ].join(', ')})`,
  );
  db.exec(createIndex(name, GEOMETRY));
  const row = db.prepare(
    `INSERT INTO ${quoted(name)} VALUES (${Array(fields.length + 2)
      .fill('?')
      .join(', ')})`,
  );
  const box = db.prepare(`INSERT INTO ${quoted(indexName(name, GEOMETRY))} VALUES (?, ?, ?, ?, ?)`);
  let extent: Bounds | null = null;
  let written = 0;
  for await (const batch of layer.rows('wkb'))
    for (const each of batch) {
      written += 1;
      const id = layer.key === null ? written : Number(each.values[layer.key]);
      row.run(id, blobOf(each), ...fields.map((field) => sqlValue(each.values[field.name])));
      if (each.bounds === null) continue;
      const [west, south, east, north] = each.bounds;
      box.run(id, west, east, south, north);
      extent = extent === null ? each.bounds : union(extent, each.bounds);
    }
  for (const trigger of indexTriggers(name, GEOMETRY, key)) db.exec(trigger);
  describe(db, layer, extent, changed);
}

function describe(db: Database, layer: ExportLayer, extent: Bounds | null, changed: Date): void {
  const { name, description } = layer;
  const [west, south, east, north] = extent ?? [null, null, null, null];
  db.prepare('INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
    name,
    'features',
    name,
    description,
    changed.toISOString(),
    west,
    south,
    east,
    north,
    MOON_SRID,
  );
  db.prepare('INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)').run(
    name,
    GEOMETRY,
    (layer.geometryType ?? 'Geometry').toUpperCase(),
    MOON_SRID,
  );
  db.prepare("INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')").run(
    name,
    GEOMETRY,
    'http://www.geopackage.org/spec130/#extension_rtree',
  );
  const column = db.prepare('INSERT INTO gpkg_data_columns VALUES (?, ?, NULL, NULL, ?, ?, NULL)');
  for (const field of layer.columns)
    if (field.description !== '' || field.kind === 'json')
      column.run(name, field.name, field.description, field.kind === 'json' ? JSON_TYPE : null);
}

function blobOf({ geometry, bounds }: ExportRow): Buffer | null {
  return geometry === null || bounds === null ? null : geometryBlob(geometry as Uint8Array, bounds);
}

function sqlValue(value: unknown): string | number | Buffer | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value);
}

function union(a: Bounds, b: Bounds): Bounds {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

import type { ColumnKind, ExportLayer, ExportRow, GeometryForm, GeometryType } from '../exports/layer.js';
import type { ExportReader, ReadRow } from '../store/export-reader.js';
import type { ViewColumn, ViewDescription } from '../store/queries/describe-views.js';

/** A view as a layer to export. */
export async function exportLayer(reader: ExportReader, view: ViewDescription): Promise<ExportLayer> {
  const columns = view.columns
    .filter(({ name }) => name !== 'geom')
    .map(({ name, type, comment }) => ({ name, kind: kindOf(type), description: comment }));
  return {
    name: view.name,
    description: view.comment,
    geometryType: geometryTypeOf(view.columns),
    columns,
    key: 'id',
    count: await reader.count(view),
    async *rows(form: GeometryForm) {
      const names = columns.map(({ name }) => name);
      for await (const batch of reader.rows(view, form)) yield batch.map((row) => rowOf(row, names));
    },
  };
}

export function rowOf(row: ReadRow, names: readonly string[]): ExportRow {
  const values: Record<string, unknown> = {};
  for (const name of names) values[name] = row[name];
  const { _west, _south, _east, _north, _geometry } = row;
  const bounded = typeof _west === 'number';
  return {
    values,
    geometry: _geometry,
    bounds: bounded ? [_west, Number(_south), Number(_east), Number(_north)] : null,
  };
}

function kindOf(type: string): ColumnKind {
  if (/^(bigint|integer|smallint)$/.test(type)) return 'integer';
  if (/^(double precision|real|numeric)/.test(type)) return 'real';
  if (type === 'boolean') return 'boolean';
  if (type === 'timestamp with time zone') return 'time';
  if (type === 'date') return 'date';
  return /^jsonb?$|\[\]$/.test(type) ? 'json' : 'text';
}

const GEOMETRY_TYPES: readonly GeometryType[] = [
  'Point',
  'MultiPoint',
  'LineString',
  'MultiLineString',
  'Polygon',
  'MultiPolygon',
];

function geometryTypeOf(columns: readonly ViewColumn[]): GeometryType | null {
  const type = columns.find(({ name }) => name === 'geom')?.type ?? '';
  return GEOMETRY_TYPES.find((each) => type.startsWith(`geometry(${each},`)) ?? null;
}

import { stringify } from 'csv-stringify/sync';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ColumnKind, ExportLayer, ExportRow } from './layer.js';
import { MOON_WKT } from './moon-crs.js';
import { aboutOf, CREDIT, type Provenance } from './provenance.js';
import { writeText } from './text-file.js';

/** GDAL and QGIS take a column of this name for the geometry. */
const GEOMETRY = 'WKT';
const CREDITS = 'credits';

/** Names of GDAL's .csvt and of XML Schema, which CSV on the Web uses. */
const TYPES: Readonly<Record<ColumnKind, { readonly csvt: string; readonly xsd: string }>> = {
  integer: { csvt: 'Integer64', xsd: 'integer' },
  real: { csvt: 'Real', xsd: 'double' },
  text: { csvt: 'String', xsd: 'string' },
  boolean: { csvt: 'Integer(Boolean)', xsd: 'boolean' },
  time: { csvt: 'DateTime', xsd: 'dateTime' },
  date: { csvt: 'Date', xsd: 'date' },
  json: { csvt: 'String', xsd: 'json' },
};

/** Paths of what lies beside `X.csv`. */
export function csvCompanions(path: string): string[] {
  const base = path.slice(0, -'.csv'.length);
  return [`${base}.csvt`, `${base}.prj`, `${path}-metadata.json`];
}

/**
 * RFC 4180: a header, then one row a line. A CSV file says nothing of itself, so that three others lie beside it:
 * GDAL's types (.csvt) and reference system (.prj), and the W3C's description of the table with the provenance.
 *
 * @param path ends in `.csv`
 */
export async function writeCsv(path: string, layer: ExportLayer, provenance: Provenance): Promise<void> {
  await writeText(path, table(layer));
  const types = [...layer.columns.map(({ kind }) => TYPES[kind].csvt), GEOMETRY, 'String'];
  const contents = [
    `${types.join(',')}\r\n`,
    `${MOON_WKT}\n`,
    `${JSON.stringify(metadata(path, layer, provenance), null, 2)}\n`,
  ];
  for (const [i, companion] of csvCompanions(path).entries()) await writeFile(companion, contents[i] ?? '');
}

async function* table(layer: ExportLayer): AsyncGenerator<string> {
  const names = layer.columns.map(({ name }) => name);
  yield csv([[...names, GEOMETRY, CREDITS]]);
  for await (const batch of layer.rows('wkt')) yield csv(batch.map((row) => record(layer, row)));
}

function record({ columns }: ExportLayer, { values, geometry }: ExportRow): unknown[] {
  return [...columns.map(({ name }) => values[name]), geometry, CREDIT];
}

function csv(records: readonly unknown[][]): string {
  return stringify([...records], {
    record_delimiter: 'windows',
    cast: {
      date: (value) => value.toISOString(),
      boolean: (value) => (value ? '1' : '0'),
      object: (value) => JSON.stringify(value),
    },
  });
}

/** https://www.w3.org/TR/tabular-metadata/ */
function metadata(path: string, layer: ExportLayer, provenance: Provenance): unknown {
  return {
    '@context': ['http://www.w3.org/ns/csvw', { '@language': 'en' }],
    'dc:title': `selenoscan ${layer.name}`,
    'dc:description': layer.description,
    'dc:rights': CREDIT,
    url: basename(path),
    notes: [aboutOf(provenance)],
    tableSchema: {
      columns: [
        ...layer.columns.map(({ name, kind, description }) => ({
          name,
          datatype: TYPES[kind].xsd,
          'dc:description': description,
        })),
        {
          name: GEOMETRY,
          datatype: 'string',
          'dc:description': 'Place or outline, longitude before latitude.',
        },
        { name: CREDITS, datatype: 'string', 'dc:description': 'Whose images these are.' },
      ],
    },
  };
}

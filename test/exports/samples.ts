import type { ExportLayer, ExportRow, GeometryForm } from '../../src/exports/layer.js';
import type { Provenance } from '../../src/exports/provenance.js';

export const PROVENANCE: Provenance = {
  modelId: 'starter@0123456789ab',
  codeVersion: '0.1.0',
  createdAt: new Date('2026-04-10T01:28:54.845Z'),
  filters: { min_score: 5, bbox: [170, -10, -170, 10] },
};

/** A layer of rows that are given as geometries in every form. */
export function sampleLayer(
  rows: readonly {
    readonly values: Record<string, unknown>;
    readonly at: readonly [number, number] | null;
  }[],
  changes: Partial<ExportLayer> = {},
): ExportLayer {
  return {
    name: 'detections',
    description: 'Anomalies, as points.',
    geometryType: 'Point',
    columns: [
      { name: 'id', kind: 'integer', description: 'Number.' },
      { name: 'score', kind: 'real', description: 'Score; "6" = one in a million.' },
      { name: 'note', kind: 'text', description: '' },
      { name: 'seen', kind: 'time', description: 'When (UTC).' },
      { name: 'day', kind: 'date', description: '' },
      { name: 'scores', kind: 'json', description: 'All.' },
      { name: 'known', kind: 'boolean', description: '' },
    ],
    key: 'id',
    count: rows.length,
    async *rows(form) {
      for (const { values, at } of rows)
        yield await Promise.resolve([
          { values, geometry: point(form, at), bounds: at && [...at, ...at] },
        ] as ExportRow[]);
    },
    ...changes,
  };
}

function point(form: GeometryForm, at: readonly [number, number] | null): Uint8Array | string | null {
  if (at === null) return null;
  if (form === 'geojson') return JSON.stringify({ type: 'Point', coordinates: at });
  if (form === 'wkt') return `POINT(${at.join(' ')})`;
  const wkb = Buffer.alloc(21);
  wkb.writeUInt8(1, 0);
  wkb.writeUInt32LE(1, 1);
  wkb.writeDoubleLE(at[0], 5);
  wkb.writeDoubleLE(at[1], 13);
  return wkb;
}

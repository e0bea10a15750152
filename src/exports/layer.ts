/** What is exported, whatever the format: layers of rows that are read as they are written. */

/** Kinds of values that every format can tell apart. A `time` is a Date, a `date` ISO text, `json` any plain value. */
export type ColumnKind = 'integer' | 'real' | 'text' | 'boolean' | 'time' | 'date' | 'json';

export interface ExportColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** One sentence; empty where there is none. */
  readonly description: string;
}

export type GeometryType =
  'Point' | 'MultiPoint' | 'LineString' | 'MultiLineString' | 'Polygon' | 'MultiPolygon';

/** How a format wants geometries: ISO WKB bytes, GeoJSON text or WKT. Degrees, split at the antimeridian. */
export type GeometryForm = 'wkb' | 'geojson' | 'wkt';

/** West, south, east, north in degrees, as the coordinates stand: of both sides of the antimeridian, -180 to 180. */
export type Bounds = readonly [number, number, number, number];

export interface ExportRow {
  readonly values: Readonly<Record<string, unknown>>;
  /** In the form that was asked for; null where the row has no place. */
  readonly geometry: Uint8Array | string | null;
  readonly bounds: Bounds | null;
}

export interface ExportLayer {
  /** Name of the view, e.g. `detections`. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Null where rows of several types come. */
  readonly geometryType: GeometryType | null;
  /** Without the geometry, in the view's order. */
  readonly columns: readonly ExportColumn[];
  /** Column of unique whole numbers above 0; null where the rows have none. */
  readonly key: string | null;
  /** Rows that come. */
  readonly count: number;
  /** The rows in batches, read while they are asked for; may be asked once. */
  rows(form: GeometryForm): AsyncIterable<readonly ExportRow[]>;
}

/** A style of QGIS for a layer. */
export interface LayerStyle {
  /** Name of the layer. */
  readonly layer: string;
  readonly name: string;
  readonly qml: string;
}

import { OperationalError } from '../domain/errors.js';
import type { ExportFilter } from '../domain/export-filter.js';
import type { DetectionPlace } from '../domain/results.js';
import type { Queryable } from './database.js';
import { scanSelectionOf, selectionOf, type ExportSelection } from './export-selection.js';
import { describeViews, type ViewDescription } from './queries/describe-views.js';
import { modelView } from './queries/model-view.js';
import { scanSql, type ScanRow } from './queries/scan-rows.js';
import { readByCursor } from './read-snapshot.js';

/** SQL for a geometry in the form that is wanted; nine digits of a degree are a tenth of a millimetre. */
const FORMS = {
  wkb: 'ST_AsBinary(geom)',
  // RFC 7946 wants outer rings counter-clockwise.
  geojson: 'ST_AsGeoJSON(ST_ForcePolygonCCW(geom), 9, 0)',
  wkt: 'ST_AsText(geom, 9)',
} as const;

export type GeometryForm = keyof typeof FORMS;

/** A row under the names of its view, and its geometry and bounds under these. */
export type ReadRow = Record<string, unknown> & {
  readonly _geometry: Uint8Array | string | null;
  readonly _west: number | null;
  readonly _south: number | null;
  readonly _east: number | null;
  readonly _north: number | null;
};

/** Stands for the parameter until the statement is made. */
const MODEL = '$MODEL';

/** Reads selected rows of the views within one snapshot. */
export class ExportReader {
  readonly views: readonly ViewDescription[];
  readonly #db: Queryable;
  readonly #selection: ExportSelection;

  private constructor(db: Queryable, views: readonly ViewDescription[], selection: ExportSelection) {
    this.#db = db;
    this.views = views;
    this.#selection = selection;
  }

  /** @param modelId whose results are wanted; null for the active model's */
  static async open(db: Queryable, filter: ExportFilter, modelId: string | null): Promise<ExportReader> {
    const views = await describeViews(db);
    const sources = new Map<string, string>();
    if (modelId !== null) for (const { name } of views) sources.set(name, await modelView(db, name, MODEL));
    const source = (view: string, parameter: () => string) =>
      sources.get(view)?.replaceAll(MODEL, parameter) ?? `selenoscan.${view}`;
    const everything = { filter, modelId, cutoff: null, source };
    const reader = new ExportReader(db, views, everything);
    if (filter.limit === undefined) return reader;
    const cutoff = await reader.#cutoff(filter.limit);
    return new ExportReader(db, views, { ...everything, cutoff });
  }

  view(name: string): ViewDescription {
    const view = this.views.find((each) => each.name === name);
    if (view !== undefined) return view;
    throw new OperationalError(
      'no_view',
      `The database has no view selenoscan.${name}; run \`selenoscan migrate\`.`,
    );
  }

  async count(view: ViewDescription): Promise<number> {
    const { sql, parameters } = selectionOf(view, this.#selection);
    const [row] = await this.#db.query<{ count: number }>(`SELECT count(*) AS count ${sql}`, parameters);
    return row?.count ?? 0;
  }

  /** By the column `id`, which all views have. */
  rows(view: ViewDescription, form: GeometryForm): AsyncGenerator<ReadRow[]> {
    const { sql, parameters } = selectionOf(view, this.#selection);
    return readByCursor<ReadRow>(this.#db, `SELECT ${listOf(view, form)} ${sql} ORDER BY id`, parameters);
  }

  /** The selected detections of one image, the highest score first. */
  detectionsOf(imageId: string, form: GeometryForm): Promise<ReadRow[]> {
    const view = this.view('detections');
    const filter = { ...this.#selection.filter, imageId };
    const { sql, parameters } = selectionOf(view, { ...this.#selection, filter });
    return this.#db.query<ReadRow>(
      `SELECT ${listOf(view, form)} ${sql} ORDER BY rank_in_image, id`,
      parameters,
    );
  }

  async countScans(): Promise<number> {
    const { sql, parameters } = scanSelectionOf(this.view('coverage'), this.#selection);
    const [row] = await this.#db.query<{ count: number }>(`SELECT count(*) AS count ${sql}`, parameters);
    return row?.count ?? 0;
  }

  /** The selected scans with what only their tables tell. */
  scans(): AsyncGenerator<ScanRow[]> {
    const { sql, parameters } = scanSelectionOf(this.view('coverage'), this.#selection);
    return readByCursor<ScanRow>(this.#db, scanSql(sql), parameters);
  }

  /** The n-th of the selected detections by score; null where there are not so many. */
  async #cutoff(n: number): Promise<DetectionPlace | null> {
    const { sql, parameters } = selectionOf(this.view('detections'), this.#selection);
    const [place] = await this.#db.query<DetectionPlace>(
      `SELECT score, id ${sql} ORDER BY score DESC, id OFFSET $${parameters.length + 1} LIMIT 1`,
      [...parameters, n - 1],
    );
    return place ?? null;
  }
}

function listOf(view: ViewDescription, form: GeometryForm): string {
  const columns = view.columns.filter(({ name }) => name !== 'geom').map(columnSql);
  const bounds =
    form === 'wkb'
      ? ', ST_XMin(geom) AS _west, ST_YMin(geom) AS _south, ST_XMax(geom) AS _east, ST_YMax(geom) AS _north'
      : '';
  return `${columns.join(', ')}, ${FORMS[form]} AS _geometry${bounds}`;
}

/** Dates and the types that JavaScript does not have come as text, numbers of any size as numbers. */
function columnSql({ name, type }: { readonly name: string; readonly type: string }): string {
  const column = `"${name}"`;
  if (/^(bigint|integer|smallint|double precision|real|boolean|text|jsonb?)$/.test(type)) return column;
  if (type === 'timestamp with time zone') return column;
  if (type.startsWith('numeric')) return `${column}::double precision AS ${column}`;
  if (type.endsWith('[]')) return `to_jsonb(${column}) AS ${column}`;
  return `${column}::text AS ${column}`;
}

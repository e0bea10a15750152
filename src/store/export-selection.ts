import type { ExportFilter } from '../domain/export-filter.js';
import type { DetectionPlace } from '../domain/results.js';
import { Conditions } from './conditions.js';
import { ewkbMultiPolygon } from './ewkb.js';
import type { ViewDescription } from './queries/describe-views.js';

/** What of the views an export takes. */
export interface ExportSelection {
  readonly filter: ExportFilter;
  /** A model other than the active one; null where the views show what is wanted. */
  readonly modelId: string | null;
  /** The last of the detections with the highest scores, where their number is limited. */
  readonly cutoff: DetectionPlace | null;
  /** SQL of the view's rows; `parameter` gives that of the model's id, where it takes one. */
  source(view: string, parameter: () => string): string;
}

/** A statement with its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/**
 * FROM and WHERE for the selected rows of a view. Outlines and sites are those of the selected detections; all
 * other views are filtered by what they have: area, time, lighting, image, score.
 */
export function selectionOf(view: ViewDescription, selection: ExportSelection): Statement {
  const conditions = new Conditions();
  let model: string | undefined;
  // A parameter that no statement uses would be an error.
  const parameter = () => (model ??= `${conditions.add(selection.modelId)}::text`);
  const of = (name: string) => `${selection.source(name, parameter)} AS ${name}`;
  if (view.name === 'detection_outlines' || view.name === 'sites') {
    if (!isEverything(selection)) {
      const inner = new ViewConditions(conditions, () => true);
      addDetectionConditions(inner, selection);
      const column = view.name === 'sites' ? 'site_id' : 'id';
      const where = conditions.sql();
      const sql = `FROM ${of(view.name)} WHERE id IN (SELECT ${column} FROM ${of('detections')} ${where})`;
      return { sql, parameters: conditions.parameters };
    }
  } else {
    const columns = new Set(view.columns.map(({ name }) => name));
    const outer = new ViewConditions(conditions, (name) => columns.has(name));
    if (view.name === 'detections') addDetectionConditions(outer, selection);
    else addGroundConditions(outer, selection.filter);
    if (view.name === 'reviews') addReviewConditions(outer, selection.filter);
  }
  return { sql: `FROM ${of(view.name)} ${conditions.sql()}`, parameters: conditions.parameters };
}

/** Scans that a catalogue lists: where detections are chosen, those that have one of them. */
export function scanSelectionOf(view: ViewDescription, selection: ExportSelection): Statement {
  const { minScore, maxScore, known, review, limit } = selection.filter;
  if ([minScore, maxScore, known, review, limit].every((value) => value === undefined))
    return selectionOf(view, selection);
  const conditions = new Conditions();
  let model: string | undefined;
  const parameter = () => (model ??= `${conditions.add(selection.modelId)}::text`);
  addDetectionConditions(new ViewConditions(conditions, () => true), selection);
  const of = (name: string) => `${selection.source(name, parameter)} AS ${name}`;
  const sql = `FROM ${of(view.name)} WHERE image_id IN (SELECT image_id FROM ${of('detections')} ${conditions.sql()})`;
  return { sql, parameters: conditions.parameters };
}

function isEverything({ filter, modelId, cutoff }: ExportSelection): boolean {
  return modelId === null && cutoff === null && Object.values(filter).every((value) => value === undefined);
}

/** Conditions on those columns that a view has. */
class ViewConditions {
  readonly #conditions: Conditions;
  readonly #has: (column: string) => boolean;

  constructor(conditions: Conditions, has: (column: string) => boolean) {
    this.#conditions = conditions;
    this.#has = has;
  }

  compare(column: string, operator: string, value: unknown): void {
    if (value !== undefined && this.#has(column))
      this.#conditions.where(`${column} ${operator} ${this.#conditions.add(value)}`);
  }

  where(clause: (add: (value: unknown) => string) => string): void {
    this.#conditions.where(clause((value) => this.#conditions.add(value)));
  }

  inArea({ bbox, within }: ExportFilter): void {
    if (bbox !== undefined) this.#conditions.whereInBox('geom', bbox);
    if (within !== undefined)
      this.#conditions.where(
        `ST_Intersects(geom, ${this.#conditions.add(ewkbMultiPolygon(within))}::text::geometry)`,
      );
  }
}

/** What an image was looked at under, and where. */
function addGroundConditions(conditions: ViewConditions, filter: ExportFilter): void {
  conditions.inArea(filter);
  conditions.compare('observed_at', '>=', filter.since);
  conditions.compare('observed_at', '<', filter.until);
  conditions.compare('incidence_deg', '>=', filter.minIncidence);
  conditions.compare('incidence_deg', '<=', filter.maxIncidence);
  conditions.compare('image_id', '=', filter.imageId);
}

/** What was reviewed may be no detection of the active model any more: it is chosen by what its own view has. */
function addReviewConditions(conditions: ViewConditions, filter: ExportFilter): void {
  conditions.compare('score', '>=', filter.minScore);
  conditions.compare('score', '<=', filter.maxScore);
  addVerdict(conditions, 'verdict', filter.review);
  addKnown(conditions, filter.known);
}

function addVerdict(conditions: ViewConditions, column: string, review: string | undefined): void {
  if (review === 'any') conditions.where(() => `${column} IS NOT NULL`);
  else if (review === 'none') conditions.where(() => `${column} IS NULL`);
  else conditions.compare(column, '=', review);
}

function addKnown(conditions: ViewConditions, known: boolean | undefined): void {
  if (known !== undefined) conditions.where(() => `known_object IS ${known ? 'NOT NULL' : 'NULL'}`);
}

function addDetectionConditions(conditions: ViewConditions, { filter, cutoff }: ExportSelection): void {
  addGroundConditions(conditions, filter);
  conditions.compare('score', '>=', filter.minScore);
  conditions.compare('score', '<=', filter.maxScore);
  addKnown(conditions, filter.known);
  addVerdict(conditions, 'review', filter.review);
  if (cutoff !== null)
    conditions.where((add) => {
      const [score, id] = [add(cutoff.score), add(cutoff.id)];
      return `score >= ${score} AND (score > ${score} OR id <= ${id})`;
    });
}

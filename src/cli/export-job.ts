import type { Config } from '../config/schema.js';
import { UsageError } from '../domain/errors.js';
import type { ExportFilter } from '../domain/export-filter.js';
import { imageIdOf, isNacProductId } from '../domain/image-id.js';
import type { ExportLayer } from '../exports/layer.js';
import type { Provenance } from '../exports/provenance.js';
import type { Queryable } from '../store/database.js';
import type { ExportReader } from '../store/export-reader.js';
import { activeModel } from '../store/queries/active-model.js';
import { listModels } from '../store/queries/list-models.js';
import { prepareArea } from '../store/queries/prepare-area.js';
import { readArea } from './export-area.js';
import type { ExportFlags } from './export-options.js';

/** What an exporter works with. */
export interface ExportJob {
  readonly config: Config;
  readonly flags: ExportFlags;
  /** One snapshot of the database for the whole export. */
  readonly db: Queryable;
  readonly reader: ExportReader;
  readonly provenance: Provenance;
  /** Those that were asked for; of an exporter of one layer exactly that. */
  readonly layers: readonly ExportLayer[];
  /** To be called while rows are written; ends a stopped export by an error. */
  wrote(rows: number): void;
}

/** Names by which layers are asked for, beside those of their views. */
const ALIASES: Readonly<Record<string, string>> = { outlines: 'detection_outlines' };

/** Layers of a file that holds several, as far as the database has them. */
const USUAL = ['detections', 'detection_outlines', 'sites', 'coverage', 'known_objects'];

/** @throws UsageError for a view that is not there, or several where one is written */
export function layerNames(
  asked: readonly string[] | undefined,
  several: boolean,
  { views }: ExportReader,
): string[] {
  const there = views.map(({ name }) => name);
  if (asked === undefined) return several ? USUAL.filter((name) => there.includes(name)) : ['detections'];
  const names = [...new Set(asked.map((name) => ALIASES[name] ?? name))];
  const unknown = names.find((name) => !there.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--layers ${unknown}: there is no such view; there are ${there.join(', ')}.`);
  if (!several && names.length > 1)
    throw new UsageError(
      `--layers ${names.join(',')}: this kind of file holds one layer; name one, or write X.gpkg.`,
    );
  return names;
}

/**
 * The model whose results are exported, and whether the views show another one's.
 * @throws UsageError for one that the database does not know
 */
export async function modelOf(
  db: Queryable,
  asked: string | undefined,
): Promise<{ readonly modelId: string; readonly other: string | null }> {
  const active = await activeModel(db);
  const modelId = asked ?? active;
  if (modelId === null)
    throw new UsageError('No model is active yet, so nothing was ever scanned; run `selenoscan run` first.');
  if (modelId === active) return { modelId, other: null };
  const models = (await listModels(db)).map(({ id }) => id);
  if (models.includes(modelId)) return { modelId, other: modelId };
  throw new UsageError(
    `--model ${modelId}: the database knows ${models.length === 0 ? 'none' : `only ${models.join(', ')}`}.`,
  );
}

/** @throws UsageError for a polygon that is none */
export async function filterOf(db: Queryable, flags: ExportFlags): Promise<ExportFilter> {
  const { minScore, maxScore, since, until, bbox, minIncidence, maxIncidence, review, limit } = flags;
  const given = { minScore, maxScore, since, until, bbox, minIncidence, maxIncidence, review, limit };
  const { known, product, within } = flags;
  return {
    ...given,
    ...(known === undefined ? {} : { known: known === 'yes' }),
    ...(product === undefined ? {} : { imageId: isNacProductId(product) ? imageIdOf(product) : product }),
    ...(within === undefined ? {} : { within: await areaOf(db, within) }),
  };
}

async function areaOf(db: Queryable, path: string) {
  const prepared = await prepareArea(db, await readArea(path));
  if ('area' in prepared) return prepared.area;
  throw new UsageError(
    `--within ${path}: its polygon is not valid (${prepared.fault}); mend it, e.g. in QGIS.`,
  );
}

/** The filters as they were given, for the provenance. */
export function filtersGiven(flags: ExportFlags): Record<string, unknown> {
  const { minScore, maxScore, since, until, bbox, within, minIncidence, maxIncidence } = flags;
  const { model, review, known, product, limit } = flags;
  return Object.fromEntries(
    Object.entries({
      min_score: minScore,
      max_score: maxScore,
      limit,
      since: since?.toISOString(),
      until: until?.toISOString(),
      bbox: bbox && [bbox.west, bbox.south, bbox.east, bbox.north],
      within,
      min_incidence_deg: minIncidence,
      max_incidence_deg: maxIncidence,
      model,
      review,
      known,
      product,
    }).filter(([, value]) => value !== undefined),
  );
}

import type { Queryable } from '../database.js';

/**
 * The views show the current scans of the active model. What another model found is the same query with another
 * condition in place of `is_current`: what it would be if that model were the active one.
 */
const SHOWN: Readonly<Record<string, (alias: string, model: string) => string>> = {
  detection: (d, model) => `(${d}.model_id = ${model} AND ${d}.superseded_at IS NULL)`,
  scan: (s, model) => `(${s}.model_id = ${model} AND ${s}.finished_at IS NOT NULL AND NOT EXISTS (
      SELECT FROM selenoscan_data.scan newer
      WHERE newer.image_id = ${s}.image_id AND newer.model_id = ${model}
        AND newer.product_pk > ${s}.product_pk AND newer.finished_at IS NOT NULL))`,
};

/** What is kept for each model is shown of the active one. */
const ACTIVE = /\(\s*SELECT model\.id\s+FROM selenoscan_data\.model\s+WHERE model\.active\)/g;

/**
 * SQL of a view's rows for a model that is not the active one, to be used in FROM.
 *
 * @param parameter SQL of the model's id, e.g. `$1`
 */
export async function modelView(db: Queryable, view: string, parameter: string): Promise<string> {
  const [row] = await db.query<{ definition: string }>(
    `SELECT pg_get_viewdef(to_regclass('selenoscan.' || quote_ident($1))) AS definition`,
    [view],
  );
  const definition = (row?.definition ?? '').replace(/;\s*$/, '');
  const replaced = definition.replace(/\b(\w+)\.is_current\b/g, (whole, alias: string) => {
    const [, table = ''] = new RegExp(`selenoscan_data\\.(\\w+) ${alias}\\b`).exec(definition) ?? [];
    return SHOWN[table]?.(alias, parameter) ?? whole;
  });
  return `(${replaced.replace(ACTIVE, () => parameter)})`;
}

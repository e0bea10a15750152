import { OperationalError } from '../../domain/errors.js';
import type { Database, Queryable } from '../database.js';

/** By how much bounds reach farther than a model folder says. */
export interface StoredBounds {
  /** From 1 on; 0 = the folder's own, which are not stored. */
  readonly version: number;
  /** Factor by part. */
  readonly widening: Readonly<Record<string, number>>;
}

/** The newest bounds of a model; version 0 where none were widened. */
export async function newestBounds(db: Queryable, modelId: string): Promise<StoredBounds> {
  const [row] = await db.query<StoredBounds>(
    `SELECT version, widening FROM selenoscan_data.model_bounds
     WHERE model_id = $1 ORDER BY version DESC LIMIT 1`,
    [modelId],
  );
  return row ?? { version: 0, widening: {} };
}

/**
 * Widens a model's bounds: of each part by the larger of what is stored and what is given. Nothing is stored where
 * that is no wider.
 *
 * @returns what holds from then on
 * @throws OperationalError where the model is not known
 */
export async function widenBounds(
  db: Database,
  modelId: string,
  widening: Readonly<Record<string, number>>,
): Promise<StoredBounds> {
  return db.transaction(async (tx) => {
    // One at a time for each model, so that no two take the same number and none narrows another's.
    const models = await tx.query('SELECT FROM selenoscan_data.model WHERE id = $1 FOR NO KEY UPDATE', [
      modelId,
    ]);
    if (models.length === 0)
      throw new OperationalError('model-unknown', `The model ${modelId} is not registered in this database.`);
    const before = await newestBounds(tx, modelId);
    const wider = { ...before.widening };
    for (const [part, factor] of Object.entries(widening)) wider[part] = Math.max(wider[part] ?? 1, factor);
    const isWider = Object.entries(wider).some(([part, factor]) => factor > (before.widening[part] ?? 1));
    if (!isWider) return before;
    const version = before.version + 1;
    await tx.query(
      'INSERT INTO selenoscan_data.model_bounds (model_id, version, widening) VALUES ($1, $2, $3)',
      [modelId, version, JSON.stringify(wider)],
    );
    return { version, widening: wider };
  });
}

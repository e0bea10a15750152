import { OperationalError } from '../domain/errors.js';
import type { Queryable } from '../store/database.js';
import { activeModel } from '../store/queries/active-model.js';

/**
 * A deployment scans with its active model: what is scanned with another one, or queued for it, nobody would see.
 * @throws OperationalError `other_model` where the database's active model is not this one
 */
export async function assertSameModel(db: Queryable, modelId: string): Promise<void> {
  const active = await activeModel(db);
  if (active !== modelId) throw otherModel(active, modelId);
}

/** That the database works with another model than this process. */
export function otherModel(active: string | null, modelId: string): OperationalError {
  const now =
    active === null ? 'No model is active in the database' : `The database's active model is ${active}`;
  return new OperationalError(
    'other_model',
    `${now}, but model.path gives ${modelId}; set model.path to the active model's folder.`,
  );
}

export function isOtherModel(error: unknown): boolean {
  return error instanceof OperationalError && error.code === 'other_model';
}

import type { Queryable } from '../database.js';

/** Makes a model known; a known one is left as it is. `id` is `name@hash`. */
export async function registerModel(
  db: Queryable,
  model: { readonly id: string; readonly manifest: unknown; readonly calibration: unknown },
): Promise<void> {
  await db.query(
    `INSERT INTO selenoscan_data.model (id, manifest, calibration) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
    [model.id, JSON.stringify(model.manifest), JSON.stringify(model.calibration)],
  );
}

import type { Config } from '../config/schema.js';
import type { ScanMode } from '../domain/scan.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { chooseMode } from '../pipeline/choose-mode.js';
import type { ScanTools } from '../pipeline/scan-image.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { Screening, type WideningStore } from '../pipeline/screening.js';
import { partBounds } from '../scoring/screen-bounds.js';
import { openPool } from './parts.js';

/**
 * Scoring threads for a model and how images are scanned with them.
 *
 * @param mode in place of the configured one
 * @param store where bounds that are widened are kept; without one they hold for this process
 * @throws OperationalError where the model or the engine lacks what the mode needs
 */
export async function openScoring(
  config: Config,
  model: ModelFolder,
  mode: ScanMode | 'auto' = config.scoring.mode,
  store: WideningStore | null = null,
): Promise<ScanTools & { readonly screening: Screening | null }> {
  // Graphs that are not used would cost every thread their memory.
  const graphs = mode === 'exact' ? null : model.screening;
  const pool = await openPool(config, model, graphs);
  try {
    const chosen = chooseMode(mode, {
      modelId: model.id,
      score: model.manifest.score,
      learned: model.hardwarePath !== null,
      screens: pool.screens,
      bounds: graphs !== null,
    });
    const screening =
      graphs === null ? null : new Screening((part, value) => partBounds(graphs.bounds, part, value), store);
    await screening?.refresh();
    const options = scanOptions(config, model.manifest.architecture.tileSize, chosen);
    return { model, pool, options, screening };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

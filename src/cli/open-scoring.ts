import type { Config } from '../config/schema.js';
import type { ScanMode } from '../domain/scan.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { chooseMode } from '../pipeline/choose-mode.js';
import type { ScanTools } from '../pipeline/score-image.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { Screening, type WideningStore } from '../pipeline/screening.js';
import type { EngineChoice } from '../scoring/engines/choose-engine.js';
import { partBounds } from '../scoring/screen-bounds.js';
import { engineFor, openPoolOn, type EngineListeners } from './open-pool.js';

export interface ScoringOptions {
  /** In place of the configured one. */
  readonly mode?: ScanMode | 'auto';
  /** Where bounds that are widened are kept; without one they hold for this process. */
  readonly store?: WideningStore | null;
  readonly listeners?: EngineListeners;
  /** The engine, where it was chosen already. */
  readonly choice?: EngineChoice;
}

/**
 * Scoring threads for a model and how images are scanned with them.
 *
 * @throws OperationalError where the model or the engine lacks what the mode needs
 */
export async function openScoring(
  config: Config,
  model: ModelFolder,
  { mode = config.scoring.mode, store = null, listeners = {}, choice }: ScoringOptions = {},
): Promise<ScanTools & { readonly screening: Screening | null }> {
  // Graphs that are not used would cost every thread their memory.
  const graphs = mode === 'exact' ? null : model.screening;
  const pool = await openPoolOn(choice ?? (await engineFor(config)), config, model, listeners, graphs);
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

import { OperationalError } from '../domain/errors.js';
import type { ScanMode } from '../domain/scan.js';
import type { Passes } from '../scoring/strip-job.js';

/** What decides on the modes that are open to a scan. */
export interface ModeMeans {
  readonly modelId: string;
  /** The model's default score. */
  readonly score: string;
  /** Whether the model has a learned scorer. */
  readonly learned: boolean;
  /** Which networks the engine can screen with. */
  readonly screens: { readonly vae: boolean; readonly net: boolean };
  /** Whether the model folder holds the bounds of its int8 graphs. */
  readonly bounds: boolean;
}

/** Scores of the autoencoder alone: nothing bounds them before it has looked. */
const AUTOENCODER_SCORES = new Set(['l2', 'mu_norm', 'vae2024', 'bright', 'bright_peak']);

/**
 * The mode that a scan runs in; `auto` is the fastest that the model and the engine have.
 * @throws OperationalError where they lack what another asks for
 */
export function chooseMode(wanted: ScanMode | 'auto', means: ModeMeans): ScanMode {
  const full = means.bounds && means.screens.vae;
  const cascade = !AUTOENCODER_SCORES.has(means.score);
  if (wanted === 'auto') return cascade ? 'cascade' : full ? 'full' : 'exact';
  if (wanted === 'full' && !full)
    throw new OperationalError(
      'no_screening',
      `scoring.mode is full, but ${means.bounds ? 'the engine cannot screen with' : 'there are no int8 graphs in'} the model ${means.modelId}; set it to auto${means.bounds ? '' : ', or export the model again (selenoscan model export)'}.`,
    );
  if (wanted === 'cascade' && !cascade)
    throw new OperationalError(
      'no_cascade',
      `scoring.mode is cascade, but the default score ${means.score} of the model ${means.modelId} is the autoencoder's own, so that it would have to look at every tile; set it to auto.`,
    );
  return wanted;
}

/** How the tiles outside the sample are scored first. */
export function passesOf(mode: ScanMode, means: Pick<ModeMeans, 'learned' | 'screens' | 'bounds'>): Passes {
  if (mode === 'exact') return { vae: 'fp32', net: 'fp32' };
  const net = means.learned && means.bounds && means.screens.net ? 'screened' : 'fp32';
  return { vae: mode === 'full' ? 'screened' : 'unseen', net };
}

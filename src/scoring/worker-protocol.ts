import type { TileParts } from '../domain/tile.js';
import type { EngineSpec, ModelFiles } from './engines/engine-spec.js';
import type { CellLogits, EngineInfo, Explanation, Screens, TileBatch, TurnedBatch } from './scorer.js';
import type { ConfirmJob, ScoredStrip, StripJob } from './strip-job.js';
import type { WorkSeconds } from './timed-scorer.js';

/** What a score worker is started with. */
export interface ScoreWorkerData extends ModelFiles {
  /** Tiles a call of the model. */
  readonly batch: number;
  /** onnxruntime on the CPU where none is named. */
  readonly engine?: EngineSpec;
}

export type ToScoreWorker =
  | { readonly kind: 'strip'; readonly id: number; readonly job: StripJob }
  | { readonly kind: 'confirm'; readonly id: number; readonly job: ConfirmJob }
  | { readonly kind: 'explain'; readonly id: number; readonly batch: TileBatch }
  | { readonly kind: 'cells'; readonly id: number; readonly batch: TurnedBatch }
  | { readonly kind: 'abort'; readonly id: number }
  /** End when nothing is under way any more. */
  | { readonly kind: 'close' };

export type FromScoreWorker =
  | { readonly kind: 'ready'; readonly info: EngineInfo; readonly screens: Screens }
  | {
      readonly kind: 'parts';
      readonly id: number;
      readonly result: TileParts | ScoredStrip;
      readonly seconds: WorkSeconds;
    }
  | { readonly kind: 'explanation'; readonly id: number; readonly result: Explanation }
  /** Null where the model has no learned scorer. */
  | { readonly kind: 'cells'; readonly id: number; readonly result: CellLogits | null }
  /** The engine failed, and is given fewer tiles at a time. */
  | { readonly kind: 'halved'; readonly batch: number; readonly reason: string }
  /** `id` is null when the worker could not start; `code` is that of a user-facing error. */
  | {
      readonly kind: 'error';
      readonly id: number | null;
      readonly message: string;
      readonly code: string | null;
    };

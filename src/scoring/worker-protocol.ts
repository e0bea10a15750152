import type { TileParts } from '../domain/tile.js';
import type { ScreenPaths } from './onnx-screen.js';
import type { EngineInfo, Explanation, Screens, TileBatch } from './scorer.js';
import type { ConfirmJob, StripJob } from './strip-job.js';

/** What a score worker is started with. */
export interface ScoreWorkerData {
  readonly modelPath: string;
  /** Graph of the learned scorer of hardware, of models that have one. */
  readonly hardwarePath: string | null;
  /** Graphs in int8, where tiles are to be screened. */
  readonly screening?: ScreenPaths | null;
  readonly channels: number;
  readonly tileSize: number;
  /** Tiles a call of the model. */
  readonly batch: number;
}

export type ToScoreWorker =
  | { readonly kind: 'strip'; readonly id: number; readonly job: StripJob }
  | { readonly kind: 'confirm'; readonly id: number; readonly job: ConfirmJob }
  | { readonly kind: 'explain'; readonly id: number; readonly batch: TileBatch }
  | { readonly kind: 'abort'; readonly id: number }
  /** End when nothing is under way any more. */
  | { readonly kind: 'close' };

export type FromScoreWorker =
  | { readonly kind: 'ready'; readonly info: EngineInfo; readonly screens: Screens }
  | { readonly kind: 'parts'; readonly id: number; readonly result: TileParts }
  | { readonly kind: 'explanation'; readonly id: number; readonly result: Explanation }
  /** `id` is null when the worker could not start; `code` is that of a user-facing error. */
  | {
      readonly kind: 'error';
      readonly id: number | null;
      readonly message: string;
      readonly code: string | null;
    };

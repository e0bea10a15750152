import type { TileParts } from '../domain/tile.js';
import type { EngineSpec } from './engines/engine-spec.js';
import type { CellLogits, EngineInfo, Explanation, Screens, TileBatch, TurnedBatch } from './scorer.js';
import type { ConfirmJob, ScoredStrip, StripJob } from './strip-job.js';
import type { WorkSeconds } from './timed-scorer.js';

/** Told which engine has done a call, once it has. */
export type OnScored = (info: EngineInfo) => void;

/** Worker threads that score strips. */
export interface ScorePool {
  /** The engine that scores; another one after the pool fell back. */
  readonly info: EngineInfo;
  readonly screens: Screens;
  readonly workers: number;
  /** What its threads have spent on tiles so far; those that a new one took the place of are left out. */
  readonly work?: WorkSeconds;
  /**
   * Scores a strip's tiles. A strip in shared memory is read where it lies and may be written over when it is
   * scored, but not when the call fails; the buffer of any other is transferred and empty afterwards. Pixels in memory
   * are bounded by the calls in flight: `workers` of them keep every thread busy, one more hides the decoding.
   * What the engine fails with is tried again: on a new thread, then on the engine that stands in.
   *
   * @throws the signal's reason at once when it is aborted; OperationalError when no engine could score it.
   */
  scoreStrip(job: StripJob, signal?: AbortSignal, onScored?: OnScored): Promise<ScoredStrip>;
  /** Parts in fp32 of a few tiles that a strip's scoring has left open; they come before strips that wait. */
  confirm(job: ConfirmJob, signal?: AbortSignal, onScored?: OnScored): Promise<TileParts>;
  /** Scores, latents and reconstructions of a few tiles; they come before strips that wait. */
  explain(batch: TileBatch, onScored?: OnScored): Promise<Explanation>;
  /** What the learned scorer says of tiles; null where the model has none. */
  cells?(batch: TurnedBatch): Promise<CellLogits | null>;
  /** Ends all threads; calls in flight are rejected. */
  close(): Promise<void>;
}

/** An engine's failing, and what was done about it. */
export interface EngineTrouble {
  /** It is given fewer tiles at a time, runs in a new thread, or is left for another. */
  readonly kind: 'halved' | 'replaced' | 'fell_back';
  /** The engine that failed. */
  readonly engine: EngineInfo;
  readonly reason: string;
  /** Tiles that it is given at a time, of `halved`. */
  readonly batch?: number;
  /** What scores instead, of `fell_back`. */
  readonly to?: EngineSpec;
}

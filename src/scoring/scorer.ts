import type { Turn } from '../domain/turn.js';

/** Tiles on their way to a model. */
export interface TileBatch {
  readonly count: number;
  /** `count * channels * size * size` DN, channel by channel, row by row. */
  readonly pixels: Uint8Array;
  /** `count * size * size` flags, 1 = real data. */
  readonly valid: Uint8Array;
}

/** Tiles turned so that the direction away from the Sun lies in the first octant. */
export interface TurnedBatch {
  readonly count: number;
  /** `count * size * size` DN, grey. */
  readonly pixels: Uint8Array;
  /** `count`: where the direction lies in the octant, -1..1. */
  readonly octants: Float32Array;
}

export interface CellLogits {
  /** `count * 2 * 16 * 16`: of a lander, then of something small, row by row. */
  readonly bodies: Float32Array;
  /** `count * 8 * 8`. */
  readonly tracks: Float32Array;
}

/** The highest of a tile's logits: of bodies those along its border are left out, which a neighbour sees whole. */
export interface TopLogits {
  /** `count * 2`: of a lander, then of something small. */
  readonly tops: Float32Array;
  /** `count`; absent where the model's default score is not made of them. */
  readonly topTracks?: Float32Array;
}

/** What a model says of each tile; see `TileParts` for the units. */
export interface VaeScores {
  readonly l2: Float32Array;
  readonly muNorm: Float32Array;
  readonly bright: Float32Array;
  /** `count * channels * size * size`, 0..1. */
  readonly reconstruction: Float32Array;
}

/** Scores and latent codes: for the few tiles that are looked at closely. */
export interface Explanation extends VaeScores {
  /** `count * latent`. */
  readonly mu: Float32Array;
}

/** Scores with the bright residual where the caller looks, and no picture. */
export interface PeakScores {
  readonly l2: Float32Array;
  readonly muNorm: Float32Array;
  readonly bright: Float32Array;
  /** `count`: as `residualAt` gives it for the tile's place. */
  readonly brightPeak: Float32Array;
}

/** Pixels of a strip that an engine takes over whole, to cut tiles out of it itself. */
export interface StripPixels {
  readonly width: number;
  readonly lines: number;
  /** `width * lines` DN. */
  readonly pixels: Uint8Array;
  /** `width * lines` flags, 1 = real data; null where everything is. */
  readonly valid: Uint8Array | null;
}

/** Tiles of a strip, and where to look in each. */
export interface StripTiles {
  readonly count: number;
  /** `count` each: upper-left pixels in the strip. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** `count` DN that stand for what is no real data. */
  readonly fill: Uint8Array;
  /** `2 * count`: x and y in the tile where `brightPeak` is taken. */
  readonly peaks: Uint8Array;
  /** How each tile is laid for the learned scorer; none where it is not asked. */
  readonly turns: readonly Turn[];
  /** Where the direction away from the Sun lies in the octant, -1..1, after each of these turns. */
  readonly octant: number;
}

/** Per tile, over its turns: the highest logits, as `HardwareLogits`; NaN where the learned scorer is not asked. */
export interface StripScores extends PeakScores {
  readonly lander: Float32Array;
  readonly small: Float32Array;
  readonly tracks: Float32Array;
  /** Middle of the cell with the highest logit of a lander, pixels from the tile's upper-left one. */
  readonly landerX: Float32Array;
  readonly landerY: Float32Array;
}

/** Which engine runs, for provenance: engine and version are part of a result's history. */
export interface EngineInfo {
  /** `onnxruntime`, `onnxruntime-webgpu`, `openvino` or `tensorflow`. */
  readonly engine: string;
  /** `cpu`, `gpu`, or `software` for a graphics driver that computes on the CPU. */
  readonly device: string;
  readonly version: string;
}

/** Which networks an engine can screen with: in int8 or bf16. */
export interface Screens {
  readonly vae: boolean;
  readonly net: boolean;
}

/** Places in a strip are told to engines as float32, which is exact up to here. */
export const MAX_STRIP_PIXELS = 2 ** 24;

/** A model on one engine. Same tiles, same scores, whatever the batch. */
export interface Scorer {
  readonly info: EngineInfo;
  score(batch: TileBatch): Promise<VaeScores>;
  explain(batch: TileBatch): Promise<Explanation>;
  /** What the learned scorer says of cells; absent where the model has none. */
  readonly hardware?: (batch: TurnedBatch) => Promise<CellLogits>;
  /**
   * Scores nearly as `score` does, several times as fast; absent where the model or the engine has no such graph.
   * @param peaks `2 * count`: x and y of the place of `brightPeak` in each tile, pixels
   */
  readonly screen?: (batch: TileBatch, peaks: Uint8Array) => Promise<PeakScores>;
  /** The same of `hardware`. */
  readonly screenHardware?: (batch: TurnedBatch) => Promise<CellLogits | TopLogits>;
  /**
   * Scores with the bright residual at each tile's place, so that the reconstruction stays in the engine.
   *
   * @param peaks `2 * count`: x and y in the tile.
   */
  readonly scoreAt?: (batch: TileBatch, peaks: Uint8Array) => Promise<PeakScores>;
  /**
   * Scores tiles that the engine cuts out of a strip by itself: for engines to which pixels have a long way.
   * A strip has `MAX_STRIP_PIXELS` at most.
   *
   * @param batch tiles a call of the model.
   * @throws the signal's reason when it is aborted, between two batches.
   */
  readonly scoreStrip?: (
    strip: StripPixels,
    tiles: StripTiles,
    batch: number,
    signal?: AbortSignal,
  ) => Promise<StripScores>;
  close(): Promise<void>;
}

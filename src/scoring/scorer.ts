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

/** What the graph in whole numbers says of each tile, within the bounds that the model's folder states. */
export interface ScreenScores {
  readonly l2: Float32Array;
  readonly muNorm: Float32Array;
  readonly bright: Float32Array;
  /** The bright residual at the place that was asked for. */
  readonly brightPeak: Float32Array;
}

/** Which engine runs, for provenance: engine and version are part of a result's history. */
export interface EngineInfo {
  readonly engine: string;
  readonly device: string;
  readonly version: string;
}

/** Which networks an engine has in int8. */
export interface Screens {
  readonly vae: boolean;
  readonly net: boolean;
}

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
  readonly screen?: (batch: TileBatch, peaks: Uint8Array) => Promise<ScreenScores>;
  /** The same of `hardware`. */
  readonly screenHardware?: (batch: TurnedBatch) => Promise<CellLogits>;
  close(): Promise<void>;
}

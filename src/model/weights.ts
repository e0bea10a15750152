/** One weight array, row-major. */
export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights by name, in the layouts of PyTorch (see `weightShapes`). */
export type Weights = Map<string, Weight>;

/**
 * What the stored samples of an image are worth: NaN = no data, -Infinity / +Infinity = saturated low / high, all
 * others `stored * factor + base` in single precision.
 */
export type SampleWorth = TabledWorth | ComputedWorth;

/** Of samples of 8 or 16 bits. */
export interface TabledWorth {
  /** For each of the 256 or 65,536 bit patterns. */
  readonly table: Float32Array;
}

/** Of wider samples, which become float32 before they are looked at. */
export interface ComputedWorth {
  readonly table: null;
  /** Stored values that are worth something else. */
  readonly specials: ReadonlyMap<number, number>;
  /** Lower ones are no data. */
  readonly minimum: number;
  readonly factor: number;
  readonly base: number;
  /** Integer or float64 that is no data, before it becomes float32; null where none is. */
  readonly stated: number | null;
}

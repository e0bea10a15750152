/** What counts as unusable, and how much of it takes a tile out of the search. Shares are 0..1 of a tile. */
export interface MaskOptions {
  /** Detector and null pixels above this share mask a tile; below it they are filled with its median. */
  readonly maxInvalidShare: number;
  /** Saturated pixels above this share mask a tile. They are never filled: metal may shine. */
  readonly maxSaturatedShare: number;
  /** Fully shadowed pixels above this share mask a tile. They are never filled: hardware throws shadows. */
  readonly maxShadowShare: number;
  /** From this DN on a pixel is saturated. */
  readonly saturatedDn: number;
  /** Up to this DN a pixel is fully shadowed. */
  readonly shadowDn: number;
  /**
   * Shortest run of exact zeros along a line that can be lost data, samples. 1: every zero is lost data, as in
   * images that keep the value for it.
   */
  readonly nullRun: number;
}

export const DEFAULT_MASKS: MaskOptions = {
  maxInvalidShare: 0.05,
  maxSaturatedShare: 0.75,
  maxShadowShare: 0.75,
  saturatedDn: 255,
  shadowDn: 2,
  nullRun: 512,
};

/** The masks for an image: one whose zeros mean no data says so itself. */
export function masksFor(image: { readonly exactNulls: boolean }, masks: MaskOptions): MaskOptions {
  return image.exactNulls ? { ...masks, nullRun: 1 } : masks;
}

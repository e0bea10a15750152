/** A column of the detector that sees no light. */
export interface DetectorColumn {
  readonly sample: number;
  /** As it shows in the 8-bit product, DN. */
  readonly level: number;
  readonly noise: number;
  /** As it shows in wider ones, sunlit level ground = 1. */
  readonly radiance: number;
}

/**
 * Ranges of dark columns, last one excluded, and odd bright columns among them, measured on real lines of a
 * NAC pair (M114145549L/R): full frames of 5064 samples.
 */
const FULL_WIDTH = 5064;
const DARK = {
  LEFT: { ranges: [[0, 41], [5041, 5064]], bright: [7, 8] },
  RIGHT: { ranges: [[0, 25], [5024, 5064]], bright: [5057, 5058] },
} as const; // prettier-ignore
const DARK_DN = 3;
const BRIGHT_DN = 48;
/** Raw codes of 50 beside 40 in the scene and 18 in the dark, taken back to 12 bits. */
const BRIGHT_RADIANCE = 1.9;

/** Dark columns of a frame; summed frames (2532) have half of them, other widths none. */
export function detectorColumns(samples: number, side: 'LEFT' | 'RIGHT'): DetectorColumn[] {
  const factor = samples === FULL_WIDTH ? 1 : samples * 2 === FULL_WIDTH ? 2 : 0;
  if (factor === 0) return [];
  const { ranges, bright } = DARK[side];
  const odd = new Set(bright.map((sample) => Math.floor(sample / factor)));
  return ranges.flatMap(([from, to]) => {
    const first = Math.ceil(from / factor);
    const count = Math.ceil(to / factor) - first;
    return Array.from({ length: count }, (_, i) => {
      const sample = first + i;
      return odd.has(sample)
        ? { sample, level: BRIGHT_DN, noise: 2, radiance: BRIGHT_RADIANCE }
        : { sample, level: DARK_DN, noise: 1, radiance: 0 };
    });
  });
}

/** Samples [from, to) between the dark columns. */
export function litColumns(samples: number, side: 'LEFT' | 'RIGHT'): { from: number; to: number } {
  const dark = detectorColumns(samples, side).map((column) => column.sample);
  return {
    from: dark.filter((sample) => sample < samples / 2).length,
    to: samples - dark.filter((sample) => sample >= samples / 2).length,
  };
}

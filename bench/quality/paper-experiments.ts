/** One experiment of the paper, and what it reports. */
export interface Experiment {
  readonly name: 'toy' | 'validation' | 'test';
  readonly tiles: number;
  readonly positives: number;
  /** Pixels between rows of tiles: finer ones put more tiles over one lander. Columns are 32 apart. */
  readonly strideY: number;
  /** Landers that stand apart at one site: each is replayed, the tiles that touch the others left out. */
  readonly landers: number;
  readonly paper: { readonly ap: number; readonly patr: number; readonly eomv: number };
}

export const STRIDE_X = 32;
export const TILE = 64;
/** A tile is positive when it holds the lander's middle so far inside, px. */
export const INSIDE = 8;

/**
 * Section 3 of the paper. With rows 32, 16 and 9 pixels apart a lander lies in 1 to 4, 3 to 6 and 5 to 12 tiles;
 * its place is drawn so that there are as many as in the paper. The toy's EoMV is not in the paper: it is what
 * its PaTR of 1 means for 4 tiles of 200.
 */
export const EXPERIMENTS: readonly Experiment[] = [
  { name: 'toy', tiles: 200, positives: 4, strideY: 32, landers: 1, paper: { ap: 1, patr: 1, eomv: 50 } },
  {
    name: 'validation',
    tiles: 2000,
    positives: 6,
    strideY: 16,
    landers: 3,
    paper: { ap: 0.25, patr: 0.333, eomv: 111 },
  },
  {
    name: 'test',
    tiles: 8000,
    positives: 10,
    strideY: 9,
    landers: 3,
    paper: { ap: 0.49, patr: 0.055, eomv: 45.8 },
  },
];

/** Pictures of a landing site; all hardware stands in the first. */
export interface Site {
  readonly pictures: readonly SitePicture[];
  /** Those that as many tiles hold as the experiment has positives. */
  readonly landers: readonly Lander[];
  /** Parts of the first picture with other hardware, whose tiles are neither positive nor plain. */
  readonly others: readonly Box[];
}

export interface Lander {
  readonly x: number;
  readonly y: number;
  readonly sizePx: number;
}

export interface SitePicture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** Unit vector in which shadows fall. */
  readonly shadow: { readonly x: number; readonly y: number };
}

export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** How many tiles of a grid that begins at 0 hold a place far enough inside; borders are far away. */
export function tilesHolding(at: { readonly x: number; readonly y: number }, strideY: number): number {
  return count(at.x, STRIDE_X) * count(at.y, strideY);
}

function count(at: number, stride: number): number {
  const first = Math.floor((at - (TILE - INSIDE)) / stride) + 1;
  const last = Math.floor((at - INSIDE) / stride);
  return last - first + 1;
}

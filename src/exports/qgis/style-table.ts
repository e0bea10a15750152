/** What layers look like, in one table: colours are told apart on dark base maps, on white ones and in grey. */

/** Red, green, blue and, where it is not opaque, alpha: 0..255. */
export type Colour = readonly [red: number, green: number, blue: number, alpha?: number];

/** Around every mark, so that pale ones are seen on white. */
export const EDGE: Colour = [28, 20, 14];
/** Text is white with a dark rim: read on any ground. */
export const TEXT: Colour = [255, 255, 255];
export const TEXT_RIM: Colour = [20, 22, 28];

export interface ScoreClass {
  /** Scores from here to below the next class. */
  readonly from: number;
  readonly label: string;
  readonly colour: Colour;
  /** Diameter of the mark, millimetres. */
  readonly size: number;
}

/** The highest first. A score is -log10 of the chance that a plain tile under like light scores higher. */
export const SCORE_CLASSES: readonly ScoreClass[] = [
  { from: 8, label: '8 and more', colour: [240, 46, 150], size: 3.8 },
  { from: 6, label: '6 to 8: 1 tile in a million', colour: [255, 77, 64], size: 3.2 },
  { from: 5, label: '5 to 6: 1 in 100 000', colour: [255, 138, 50], size: 2.7 },
  { from: 4, label: '4 to 5: 1 in 10 000', colour: [255, 193, 79], size: 2.3 },
  { from: 3, label: '3 to 4: 1 in 1000', colour: [255, 232, 158], size: 1.9 },
  { from: -1000, label: 'below 3', colour: [205, 205, 198], size: 1.4 },
];

/** Scores are below this. */
export const SCORE_END = 1000;

/** No score is this low: known objects are a class of their own among the scores. */
export const KNOWN_CLASS = -10_000;
export const KNOWN: { readonly label: string; readonly colour: Colour; readonly size: number } = {
  label: 'at a known object',
  colour: [87, 214, 255],
  size: 3.6,
};

export const SITE_CLASSES: readonly {
  readonly status: string;
  readonly label: string;
  readonly colour: Colour;
}[] = [
  { status: 'new', label: 'new', colour: [126, 231, 135] },
  { status: 'persistent', label: 'persistent', colour: [255, 179, 64] },
  { status: 'transient', label: 'transient', colour: [197, 151, 255] },
  { status: 'known', label: 'known object', colour: KNOWN.colour },
];

export interface AgeClass {
  /** Days, from the class before to this one. */
  readonly days: number;
  readonly label: string;
  readonly colour: Colour;
}

/** How long ago ground was last seen, the latest first: fresh is bright, old is dull. */
export const AGE_CLASSES: readonly AgeClass[] = [
  { days: 31, label: 'within a month', colour: [77, 226, 197] },
  { days: 92, label: 'one to three months ago', colour: [70, 180, 220] },
  { days: 366, label: 'three months to a year ago', colour: [92, 140, 226] },
  { days: 1096, label: 'one to three years ago', colour: [126, 112, 190] },
  { days: 1_000_000, label: 'longer ago', colour: [122, 104, 120] },
];

export const GRATICULE: Colour = [138, 150, 176, 130];

/** Sheet behind the layers where no base map covers it. */
export const CANVAS: Colour = [30, 31, 36];

/** As QGIS writes colours. */
export function rgba([red, green, blue, alpha = 255]: Colour): string {
  return `${red},${green},${blue},${alpha}`;
}

export function withAlpha([red, green, blue]: Colour, alpha: number): Colour {
  return [red, green, blue, alpha];
}

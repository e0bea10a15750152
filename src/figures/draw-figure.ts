import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { parse, View, type Config, type Spec } from 'vega';

/** One figure in both forms. */
export interface Figure {
  readonly svg: string;
  readonly png: Uint8Array;
  /** Of the PNG, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Pixels of the PNG to one unit of the drawing. */
const SCALE = 2;
export const FONT = 'Open Sans';
const { resolve } = createRequire(import.meta.url);
const FONT_FILES = ['400Regular/OpenSans_400Regular.ttf', '600SemiBold/OpenSans_600SemiBold.ttf'].map(
  (file) => resolve(`@expo-google-fonts/open-sans/${file}`),
);

export const FIGURE_COLOURS = {
  ink: '#22262e',
  faint: '#6b7280',
  all: '#8a94a6',
  positive: '#c2410c',
} as const;

const CONFIG: Config = {
  background: 'white',
  title: {
    font: FONT,
    fontSize: 14,
    fontWeight: 600,
    color: FIGURE_COLOURS.ink,
    subtitleFont: FONT,
    subtitleFontSize: 11.5,
    subtitleColor: FIGURE_COLOURS.faint,
    anchor: 'start',
    offset: 14,
    subtitlePadding: 5,
    subtitleLineHeight: 16,
  },
  axis: {
    labelFont: FONT,
    labelFontSize: 11,
    labelColor: FIGURE_COLOURS.ink,
    titleFont: FONT,
    titleFontSize: 12,
    titleFontWeight: 400,
    titleColor: FIGURE_COLOURS.ink,
    titlePadding: 8,
    domainColor: FIGURE_COLOURS.faint,
    tickColor: FIGURE_COLOURS.faint,
    gridColor: '#e5e7eb',
  },
  text: { font: FONT, fontSize: 11 },
};

/** Draws a Vega specification with the font that is shipped: fonts of the system are not asked for. */
export async function drawFigure(spec: Spec): Promise<Figure> {
  const view = new View(parse(spec, CONFIG), { renderer: 'none' });
  try {
    return drawSvg(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Draws an SVG whose text is in the font of all figures. */
export function drawSvg(svg: string): Figure {
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: SCALE },
    font: { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: FONT },
  }).render();
  return { svg, png: picture.asPng(), width: picture.width, height: picture.height };
}

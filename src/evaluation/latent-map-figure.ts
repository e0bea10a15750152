import type { Spec } from 'vega';
import { FIGURE_COLOURS, FONT } from '../figures/draw-figure.js';

/** One tile on the map of latent space. */
export interface MapPoint {
  readonly u: number;
  readonly v: number;
  readonly score: number;
  /** 1 for the most anomalous of all, null for tiles that are not named. */
  readonly rank: number | null;
}

const SIDE = 520;
/** Scores outside these shares of the tiles get the colour of the end. */
const COLOURED = [0.01, 0.995] as const;

/** Latent space laid out in the plane, coloured by a score; tiles with a rank carry it. */
export function latentMapFigure(name: string, points: readonly MapPoint[], subtitle: string[]): Spec {
  const sorted = Float64Array.from(points, ({ score }) => score).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  // Bright points above dark ones.
  const drawn = points.toSorted((a, b) => a.score - b.score);
  return {
    width: SIDE,
    height: SIDE,
    padding: 18,
    title: { text: `Latent space, coloured by the score ${name}`, subtitle },
    data: [
      { name: 'tiles', values: drawn },
      { name: 'named', values: drawn.filter(({ rank }) => rank !== null) },
    ],
    scales: [
      scale('x', 'u', 'width'),
      scale('y', 'v', 'height'),
      {
        name: 'colour',
        type: 'linear',
        domain: [at(COLOURED[0]), at(COLOURED[1])],
        range: { scheme: 'viridis' },
        clamp: true,
        zero: false,
      },
    ],
    legends: [
      {
        fill: 'colour',
        title: `Score ${name}`,
        gradientLength: 200,
        labelFont: FONT,
        titleFont: FONT,
        titleFontWeight: 400,
        labelFontSize: 11,
        titleFontSize: 12,
        format: '.3~g',
      },
    ],
    marks: [
      {
        type: 'symbol',
        from: { data: 'tiles' },
        encode: {
          enter: {
            ...place(),
            size: { value: 14 },
            fill: { scale: 'colour', field: 'score' },
            fillOpacity: { value: 0.85 },
          },
        },
      },
      {
        type: 'symbol',
        from: { data: 'named' },
        encode: {
          enter: {
            ...place(),
            size: { value: 70 },
            fill: { value: 'transparent' },
            stroke: { value: FIGURE_COLOURS.positive },
            strokeWidth: { value: 1.5 },
          },
        },
      },
      {
        type: 'text',
        from: { data: 'named' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'u', offset: 7 },
            y: { scale: 'y', field: 'v', offset: -5 },
            text: { field: 'rank' },
            fontSize: { value: 9.5 },
            fill: { value: FIGURE_COLOURS.ink },
          },
        },
      },
    ],
  };
}

function scale(name: string, field: string, range: 'width' | 'height') {
  return { name, type: 'linear' as const, domain: { data: 'tiles', field }, range, zero: false, padding: 12 };
}

function place() {
  return { x: { scale: 'x', field: 'u' }, y: { scale: 'y', field: 'v' } };
}

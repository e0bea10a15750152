import type { Spec } from 'vega';
import { FIGURE_COLOURS, FONT } from '../../src/figures/draw-figure.js';

export interface AssociationPoint {
  readonly method: string;
  readonly images: number;
  readonly purity: number;
  readonly completeness: number;
}

const PANELS = [
  { field: 'purity', title: 'Pairs in one site that are one thing' },
  { field: 'completeness', title: 'Pairs of one thing in one site' },
] as const;

/** Purity and completeness of sites against the number of images, side by side, for several ways to associate. */
export function associationFigure(points: readonly AssociationPoint[], subtitle: string): Spec {
  const methods = [...new Set(points.map(({ method }) => method))];
  const images = [...new Set(points.map((point) => point.images))];
  return {
    width: 700,
    height: 260,
    padding: 18,
    title: { text: 'Sites of a place seen again and again', subtitle },
    data: [{ name: 'points', values: [...points] }],
    scales: [
      {
        name: 'colour',
        type: 'ordinal',
        domain: methods,
        range: [FIGURE_COLOURS.positive, FIGURE_COLOURS.ink, FIGURE_COLOURS.all],
      },
    ],
    legends: [{ stroke: 'colour', orient: 'bottom', direction: 'vertical', symbolType: 'stroke', symbolStrokeWidth: 2.5, labelLimit: 500, labelFont: FONT }], // prettier-ignore
    marks: PANELS.map(({ field, title }, panel) => ({
      type: 'group',
      encode: { enter: { x: { value: panel * 380 }, width: { value: 310 }, height: { value: 260 } } },
      scales: [
        { name: 'x', type: 'linear', domain: [images[0]!, images.at(-1)!], range: [0, 310] },
        { name: 'y', type: 'linear', domain: [0, 1], range: [260, 0] },
      ],
      axes: [
        { orient: 'bottom', scale: 'x', title: 'Images of the place', values: images, grid: true },
        { orient: 'left', scale: 'y', title, grid: true },
      ],
      marks: [
        {
          type: 'group',
          from: { facet: { name: `lines_${field}`, data: 'points', groupby: 'method' } },
          marks: [
            {
              type: 'line',
              from: { data: `lines_${field}` },
              encode: {
                enter: {
                  x: { scale: 'x', field: 'images' },
                  y: { scale: 'y', field },
                  stroke: { scale: 'colour', field: 'method' },
                  strokeWidth: { value: 2.5 },
                },
              },
            },
          ],
        },
      ],
    })),
  };
}

import type { Axis, Mark, Scale, Spec } from 'vega';
import { FIGURE_COLOURS } from '../figures/draw-figure.js';
import type { Epoch } from './training-state.js';

const SIDE = { width: 330, height: 240, gap: 90 } as const;
const ORDER = ['training', 'validation'] as const;
const COLOURS = { training: FIGURE_COLOURS.all, validation: FIGURE_COLOURS.positive };

type Quantity = 'loss' | 'divergence';

interface Point {
  readonly epoch: number;
  readonly set: (typeof ORDER)[number];
  readonly loss: number;
  readonly divergence: number;
}

/** Loss and divergence by epoch, in training and in validation, with the epoch that was kept. */
export function learningCurves(name: string, epochs: readonly Epoch[], bestEpoch: number): Spec {
  const points = epochs.flatMap(({ epoch, training, validation }): Point[] => [
    { epoch, set: 'training', loss: training.loss, divergence: training.divergence },
    ...(validation
      ? [{ epoch, set: 'validation' as const, loss: validation.loss, divergence: validation.divergence }]
      : []),
  ]);
  const sets = ORDER.filter((set) => points.some((point) => point.set === set));
  return {
    width: 2 * SIDE.width + SIDE.gap,
    height: SIDE.height,
    padding: 18,
    title: {
      text: `Learning curves of ${name}`,
      subtitle: [
        'Training: with noise in the code, while the weights still change.',
        'Validation: on other images, without noise.',
        `The dashed line is epoch ${bestEpoch}, whose weights were kept.`,
      ],
    },
    data: [{ name: 'points', values: points }],
    scales: [{ name: 'colour', type: 'ordinal', domain: [...sets], range: sets.map((set) => COLOURS[set]) }],
    legends: [
      {
        stroke: 'colour',
        symbolType: 'stroke',
        symbolStrokeWidth: 2,
        orient: 'top-right',
        offset: 4,
        labelFont: 'Open Sans',
        labelFontSize: 11,
      },
    ],
    marks: [
      panel('loss', 'Loss a tile', 0, epochs.length, bestEpoch),
      panel('divergence', 'Divergence, nats a tile', SIDE.width + SIDE.gap, epochs.length, bestEpoch),
    ],
  };
}

function panel(quantity: Quantity, title: string, x: number, epochs: number, bestEpoch: number): Mark {
  const scales: Scale[] = [
    // Half an epoch of room on both sides: one epoch alone has its place, too.
    { name: 'x', type: 'linear', domain: [0.5, epochs + 0.5], zero: false, range: [0, SIDE.width] },
    {
      name: 'y',
      type: 'linear',
      domain: { data: 'points', field: quantity },
      range: [SIDE.height, 0],
      nice: true,
      zero: true,
    },
  ];
  const step = Math.ceil(epochs / 12);
  const ticks = Array.from({ length: Math.ceil(epochs / step) }, (_, i) => 1 + i * step);
  const axes: Axis[] = [
    { orient: 'bottom', scale: 'x', title: 'Epoch', values: ticks, format: 'd' },
    { orient: 'left', scale: 'y', title, grid: true, tickCount: 5 },
  ];
  const place = { x: { scale: 'x', field: 'epoch' }, y: { scale: 'y', field: quantity } };
  return {
    type: 'group',
    encode: { enter: { x: { value: x }, width: { value: SIDE.width }, height: { value: SIDE.height } } },
    // Grid lines end with the panel, not with the figure.
    signals: [
      { name: 'width', value: SIDE.width },
      { name: 'height', value: SIDE.height },
    ],
    scales,
    axes,
    marks: [
      {
        type: 'rule',
        encode: {
          enter: {
            x: { scale: 'x', value: bestEpoch },
            y: { value: 0 },
            y2: { value: SIDE.height },
            stroke: { value: FIGURE_COLOURS.faint },
            strokeDash: { value: [4, 4] },
          },
        },
      },
      {
        type: 'group',
        from: { facet: { name: 'line', data: 'points', groupby: 'set' } },
        marks: [
          {
            type: 'line',
            from: { data: 'line' },
            encode: {
              enter: { ...place, stroke: { scale: 'colour', field: 'set' }, strokeWidth: { value: 2 } },
            },
          },
          {
            type: 'symbol',
            from: { data: 'line' },
            encode: { enter: { ...place, fill: { scale: 'colour', field: 'set' }, size: { value: 26 } } },
          },
        ],
      },
    ],
  };
}

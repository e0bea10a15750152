import type { Spec } from 'vega';
import { FIGURE_COLOURS } from '../figures/draw-figure.js';

/** One order of sending, as it is drawn. */
export interface SendingLine {
  readonly name: string;
  /** At each of the figure's positions. */
  readonly values: readonly number[];
}

export interface SendingFigure {
  readonly title: string;
  readonly subtitle: string;
  /** What is sent: the title of the vertical axis. */
  readonly what: string;
  readonly most: number;
  /** Bytes, ascending. */
  readonly at: readonly number[];
  readonly budget: number;
  /** Ours first. */
  readonly lines: readonly SendingLine[];
}

const COLOURS = [FIGURE_COLOURS.positive, FIGURE_COLOURS.ink, FIGURE_COLOURS.all];

/** What has been sent against the bytes that it took, for several orders, with the budget. */
export function sendingFigure({ title, subtitle, what, most, at, budget, lines }: SendingFigure): Spec {
  const unit = at.at(-1)! < 2e6 ? { bytes: 1e3, name: 'kB' } : { bytes: 1e6, name: 'MB' };
  const points = lines.flatMap(({ name, values }) =>
    values.map((value, i) => ({ name, sent: at[i]! / unit.bytes, value })),
  );
  return {
    width: 560,
    height: 320,
    padding: 18,
    title: { text: title, subtitle },
    data: [{ name: 'points', values: points }],
    scales: [
      { name: 'x', type: 'linear', domain: [0, at.at(-1)! / unit.bytes], range: 'width' },
      { name: 'y', type: 'linear', domain: [0, most], range: 'height', nice: true },
      { name: 'colour', type: 'ordinal', domain: lines.map(({ name }) => name), range: [...COLOURS] },
    ],
    axes: [
      { orient: 'bottom', scale: 'x', title: `Sent, ${unit.name}`, grid: true },
      { orient: 'left', scale: 'y', title: what, grid: true },
    ],
    legends: [{ stroke: 'colour', orient: 'right', symbolType: 'stroke', symbolStrokeWidth: 2.5 }],
    marks: [
      {
        type: 'group',
        from: { facet: { name: 'line', data: 'points', groupby: 'name' } },
        marks: [
          {
            type: 'line',
            from: { data: 'line' },
            encode: {
              enter: {
                x: { scale: 'x', field: 'sent' },
                y: { scale: 'y', field: 'value' },
                stroke: { scale: 'colour', field: 'name' },
                strokeWidth: { value: 2 },
              },
            },
          },
        ],
      },
      {
        type: 'rule',
        encode: {
          enter: {
            x: { scale: 'x', value: budget / unit.bytes },
            y: { value: 0 },
            y2: { field: { group: 'height' } },
            stroke: { value: FIGURE_COLOURS.faint },
            strokeDash: { value: [4, 4] },
          },
        },
      },
      {
        type: 'text',
        encode: {
          enter: {
            x: { scale: 'x', value: budget / unit.bytes },
            y: { value: -8 },
            align: { value: 'center' },
            fill: { value: FIGURE_COLOURS.faint },
            text: { value: 'budget' },
          },
        },
      },
    ],
  };
}

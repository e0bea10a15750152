import type { Spec } from 'vega';
import { FIGURE_COLOURS } from '../../src/figures/draw-figure.js';
import type { LinearFit } from '../harness/statistics.js';

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly ours: boolean;
}

const WIDTH = 420;
const ROW = 24;

/** Horizontal bars, ours in colour. */
export function barFigure(bars: readonly Bar[], title: string, subtitle: string, unit: string): Spec {
  const height = ROW * bars.length;
  return {
    width: WIDTH,
    height,
    padding: 16,
    title: { text: title, subtitle },
    data: [{ name: 'bars', values: [...bars] }],
    scales: [
      { name: 'y', type: 'band', domain: bars.map(({ name }) => name), range: [0, height], padding: 0.25 },
      {
        name: 'x',
        type: 'linear',
        domain: { data: 'bars', field: 'value' },
        range: [0, WIDTH],
        zero: true,
        nice: true,
      },
    ],
    axes: [
      { orient: 'left', scale: 'y', ticks: false, domain: false, labelLimit: 600 },
      { orient: 'bottom', scale: 'x', grid: true, title: unit, tickCount: 6 },
    ],
    marks: [
      {
        type: 'rect',
        from: { data: 'bars' },
        encode: {
          enter: {
            x: { scale: 'x', value: 0 },
            x2: { scale: 'x', field: 'value' },
            y: { scale: 'y', field: 'name' },
            height: { scale: 'y', band: 1 },
            fill: [{ test: 'datum.ours', value: FIGURE_COLOURS.positive }, { value: FIGURE_COLOURS.all }],
          },
        },
      },
    ],
  };
}

/** Points and the line through them, in seconds. */
export function growthFigure(
  points: readonly (readonly [x: number, y: number])[],
  fit: LinearFit,
  title: string,
  subtitle: string,
  xTitle: string,
): Spec {
  const most = Math.max(...points.map(([x]) => x));
  const ends = [0, most].map((x) => ({ x, y: fit.intercept + fit.slope * x }));
  return {
    width: WIDTH,
    height: 240,
    padding: 16,
    title: { text: title, subtitle },
    data: [
      { name: 'points', values: points.map(([x, y]) => ({ x, y })) },
      { name: 'line', values: ends },
    ],
    scales: [
      { name: 'x', type: 'linear', domain: [0, most], range: [0, WIDTH], nice: true },
      {
        name: 'y',
        type: 'linear',
        domain: { data: 'points', field: 'y' },
        range: [240, 0],
        zero: true,
        nice: true,
      },
    ],
    axes: [
      { orient: 'bottom', scale: 'x', grid: true, title: xTitle, tickCount: 6 },
      { orient: 'left', scale: 'y', grid: true, title: 'seconds', tickCount: 5 },
    ],
    marks: [
      {
        type: 'line',
        from: { data: 'line' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'x' },
            y: { scale: 'y', field: 'y' },
            stroke: { value: FIGURE_COLOURS.all },
          },
        },
      },
      {
        type: 'symbol',
        from: { data: 'points' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'x' },
            y: { scale: 'y', field: 'y' },
            fill: { value: FIGURE_COLOURS.positive },
          },
        },
      },
    ],
  };
}

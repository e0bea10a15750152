import type { Spec } from 'vega';

/** One bar of the figure. */
export interface ApBar {
  readonly score: string;
  readonly group: 'ours' | 'the papers’' | 'baselines';
  readonly panel: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const PANEL_WIDTH = 150;
const GAP = 18;
const ROW = 19;
const COLOURS = { ours: '#c2410c', 'the papers’': '#4b5563', baselines: '#9ca3af' };

/** AP by score and class with 95 % intervals: a panel a class, a row a score. */
export function apFigure(bars: readonly ApBar[], title: string, subtitle: string): Spec {
  const panels = [...new Set(bars.map(({ panel }) => panel))];
  const scores = [...new Set(bars.map(({ score }) => score))];
  const height = ROW * scores.length;
  return {
    width: panels.length * (PANEL_WIDTH + GAP) - GAP,
    height,
    padding: 16,
    title: { text: title, subtitle },
    scales: [
      { name: 'y', type: 'band', domain: scores, range: [0, height], padding: 0.3 },
      {
        name: 'colour',
        type: 'ordinal',
        domain: Object.keys(COLOURS),
        range: Object.values(COLOURS),
      },
    ],
    axes: [{ orient: 'left', scale: 'y', ticks: false, domain: false }],
    legends: [
      { fill: 'colour', orient: 'bottom', direction: 'horizontal', title: null, offset: 14 } as never,
    ],
    marks: panels.map((panel, n) => ({
      type: 'group',
      encode: {
        enter: {
          x: { value: n * (PANEL_WIDTH + GAP) },
          width: { value: PANEL_WIDTH },
          height: { value: height },
        },
      },
      title: { text: panel, fontSize: 12, offset: 6, anchor: 'start' },
      data: [{ name: `bars${n}`, values: bars.filter((bar) => bar.panel === panel) }],
      scales: [{ name: 'x', type: 'linear', domain: [0, 1], range: [0, PANEL_WIDTH] }],
      axes: [{ orient: 'bottom', scale: 'x', tickCount: 5, grid: true, title: 'average precision' }],
      marks: [
        {
          type: 'rect',
          from: { data: `bars${n}` },
          encode: {
            enter: {
              x: { value: 0 },
              x2: { scale: 'x', field: 'value' },
              y: { scale: 'y', field: 'score' },
              height: { scale: 'y', band: 1 },
              fill: { scale: 'colour', field: 'group' },
            },
          },
        },
        {
          type: 'rule',
          from: { data: `bars${n}` },
          encode: {
            enter: {
              x: { scale: 'x', field: 'low' },
              x2: { scale: 'x', field: 'high' },
              y: { scale: 'y', field: 'score', band: 0.5 },
              stroke: { value: '#111827' },
            },
          },
        },
      ],
    })),
  };
}

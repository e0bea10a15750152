import type { GroupMark, Spec } from 'vega';
import { FIGURE_COLOURS } from '../figures/draw-figure.js';
import type { ScoreEvaluation } from './evaluate-scores.js';
import { tilesText } from './figure-text.js';

const PANEL = { width: 400, height: 280, gap: 84 };
/** Where a bar on a logarithmic axis stands, so that a single tile is seen. */
const FLOOR = 0.5;

/** The middle and right panels of the paper's Figures 1 and 2: scores of all tiles, and of the positives alone. */
export function scoresFigure(name: string, evaluation: ScoreEvaluation): Spec {
  const { edges, all, positives } = evaluation.histogram;
  const bars = all.map((count, i) => ({
    from: edges[i]!,
    to: edges[i + 1]!,
    all: count,
    positives: positives[i]!,
  }));
  return {
    width: 2 * PANEL.width + PANEL.gap,
    height: PANEL.height,
    padding: 18,
    title: { text: `Distribution of the score ${name}`, subtitle: tilesText(evaluation), offset: 20 },
    data: [{ name: 'bars', values: bars }],
    scales: [{ name: 'x', type: 'linear', domain: [edges[0]!, edges.at(-1)!], range: [0, PANEL.width] }],
    marks: [
      panel(name, 'all', 0, { title: 'All tiles', colour: FIGURE_COLOURS.all, most: Math.max(...all) }),
      panel(name, 'positives', PANEL.width + PANEL.gap, {
        title: 'Positive tiles',
        colour: FIGURE_COLOURS.positive,
        most: Math.max(...positives),
      }),
    ],
  };
}

function panel(
  name: string,
  field: 'all' | 'positives',
  x: number,
  { title, colour, most }: { title: string; colour: string; most: number },
): GroupMark {
  const powers = Array.from({ length: Math.ceil(Math.log10(Math.max(most, 2))) + 1 }, (_, i) => 10 ** i);
  return {
    type: 'group',
    encode: {
      enter: { x: { value: x }, width: { value: PANEL.width }, height: { value: PANEL.height } },
    },
    title: { text: title, fontSize: 12, fontWeight: 400, offset: 8, frame: 'group' },
    scales: [
      {
        name: 'y',
        type: 'log',
        domain: [FLOOR, Math.max(powers.at(-1)!, 10)],
        range: [PANEL.height, 0],
      },
    ],
    axes: [
      { orient: 'bottom', scale: 'x', title: `Score ${name}`, tickCount: 8 },
      {
        orient: 'left',
        scale: 'y',
        title: 'Tiles (logarithmic)',
        values: powers,
        format: ',d',
        grid: true,
        gridScale: 'x',
      },
    ],
    marks: [
      {
        type: 'rect',
        from: { data: 'bars' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'from', offset: 0.5 },
            x2: { scale: 'x', field: 'to', offset: -0.5 },
            y: { scale: 'y', signal: `max(datum.${field}, ${FLOOR})` },
            y2: { scale: 'y', value: FLOOR },
            fill: { value: colour },
          },
        },
      },
    ],
  };
}

import type { Spec } from 'vega';
import { precisionRecallFigure } from '../../src/evaluation/precision-recall-figure.js';
import { scoresFigure } from '../../src/evaluation/scores-figure.js';
import type { ScoreEvaluation } from '../../src/evaluation/evaluate-scores.js';
import { drawFigure, drawSvg, FIGURE_COLOURS, type Figure } from '../../src/figures/draw-figure.js';

/** One replay of one experiment: the AP that a score got. */
export interface Outcome {
  readonly panel: string;
  readonly score: string;
  readonly ap: number;
}

const PANEL = { width: 250, height: 190, gapX: 60, gapY: 74 } as const;
const COLUMNS = 3;

/** The layout of the paper's Figures 1 and 2: curve, scores of all tiles, scores of the positives. */
export async function replayFigure(name: string, evaluation: ScoreEvaluation): Promise<Figure> {
  const parts = [
    await drawFigure(precisionRecallFigure(name, evaluation)),
    await drawFigure(scoresFigure(name, evaluation)),
  ];
  const sizes = parts.map(({ svg }) => ({ width: sideOf(svg, 'width'), height: sideOf(svg, 'height') }));
  const width = sizes.reduce((sum, size) => sum + size.width, 0);
  const height = Math.max(...sizes.map((size) => size.height));
  let x = 0;
  const placed = parts.map(({ svg }, i) => {
    const at = x;
    x += sizes[i]!.width;
    return svg.replace('<svg ', `<svg x="${at}" y="${height - sizes[i]!.height}" `);
  });
  return drawSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="${width}" height="${height}" fill="white"/>${placed.join('')}</svg>`,
  );
}

/** AP of every replay, one panel an experiment, with medians and the paper's own value. */
export function outcomesFigure(
  outcomes: readonly Outcome[],
  panels: readonly { readonly name: string; readonly paper: number }[],
  scores: readonly string[],
): Spec {
  const rows = Math.ceil(panels.length / COLUMNS);
  return {
    width: COLUMNS * PANEL.width + (COLUMNS - 1) * PANEL.gapX,
    height: rows * PANEL.height + (rows - 1) * PANEL.gapY,
    padding: 18,
    title: {
      text: 'The experiments of the paper, replayed at many landing sites',
      subtitle: [
        'average precision of each replay; bar: median; dashed: what the paper reports for its one site',
      ],
      offset: 26,
    },
    marks: panels.map(({ name, paper }, i) => {
      const values = outcomes.filter(({ panel }) => panel === name);
      const x = (i % COLUMNS) * (PANEL.width + PANEL.gapX);
      const y = Math.floor(i / COLUMNS) * (PANEL.height + PANEL.gapY);
      return {
        type: 'group' as const,
        encode: {
          enter: {
            x: { value: x },
            y: { value: y },
            width: { value: PANEL.width },
            height: { value: PANEL.height },
          },
        },
        title: { text: name, fontSize: 12, fontWeight: 400, offset: 8, frame: 'group' as const },
        data: [
          { name: 'all', values: spread(values, scores) },
          { name: 'medians', values: scores.map((score) => ({ score, ap: medianAp(values, score) })) },
        ],
        scales: [
          {
            name: 'x',
            type: 'band' as const,
            domain: [...scores],
            range: [0, PANEL.width] as [number, number],
          },
          {
            name: 'y',
            type: 'linear' as const,
            domain: [0, 1],
            range: [PANEL.height, 0] as [number, number],
          },
        ],
        axes: [
          { orient: 'bottom' as const, scale: 'x' },
          { orient: 'left' as const, scale: 'y', title: 'AP', grid: true, tickCount: 5 },
        ],
        marks: [
          {
            type: 'rule' as const,
            encode: {
              enter: {
                x: { value: 0 },
                x2: { value: PANEL.width },
                y: { scale: 'y', value: paper },
                stroke: { value: FIGURE_COLOURS.faint },
                strokeDash: { value: [4, 4] },
              },
            },
          },
          {
            type: 'symbol' as const,
            from: { data: 'all' },
            encode: {
              enter: {
                x: { scale: 'x', field: 'score', band: { field: 'place' } },
                y: { scale: 'y', field: 'ap' },
                size: { value: 16 },
                fill: { value: FIGURE_COLOURS.all },
                fillOpacity: { value: 0.7 },
              },
            },
          },
          {
            type: 'rule' as const,
            from: { data: 'medians' },
            encode: {
              enter: {
                x: { scale: 'x', field: 'score', band: 0.15 },
                x2: { scale: 'x', field: 'score', band: 0.85 },
                y: { scale: 'y', field: 'ap' },
                stroke: { value: FIGURE_COLOURS.positive },
                strokeWidth: { value: 3 },
              },
            },
          },
        ],
      };
    }),
  };
}

/** Sets the replays of one score side by side in their order. */
function spread(values: readonly Outcome[], scores: readonly string[]) {
  return scores.flatMap((score) => {
    const own = values.filter((value) => value.score === score);
    return own.map(({ ap }, i) => ({ score, ap, place: 0.2 + (0.6 * (i + 0.5)) / own.length }));
  });
}

function medianAp(values: readonly Outcome[], score: string): number {
  return quantile(
    values.filter((value) => value.score === score).map(({ ap }) => ap),
    0.5,
  );
}

/** Of unsorted values, interpolated between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!) * (at - low);
}

function sideOf(svg: string, side: 'width' | 'height'): number {
  return Number(new RegExp(`<svg [^>]*\\b${side}="([\\d.]+)"`).exec(svg)?.[1] ?? 0);
}

import type { Spec } from 'vega';
import { FIGURE_COLOURS } from '../figures/draw-figure.js';
import type { ScoreEvaluation } from './evaluate-scores.js';
import { estimateText, short, tilesText } from './figure-text.js';

/** With more points than this the steps alone are drawn. */
const MOST_DOTS = 80;

/** The left panel of the paper's Figures 1 and 2: the precision-recall curve with its metrics. */
export function precisionRecallFigure(name: string, evaluation: ScoreEvaluation): Spec {
  const { curve, ap, patr, eomv, base_rate: random } = evaluation;
  const steps = [{ recall: 0, precision: curve[0]?.precision ?? 0 }, ...curve];
  return {
    width: 520,
    height: 340,
    padding: 18,
    title: {
      text: `Precision and recall of the score ${name}`,
      subtitle: [
        [`AP ${estimateText(ap)}`, `PaTR ${estimateText(patr)}`, `EoMV ${estimateText(eomv)}`].join(' · '),
        `${tilesText(evaluation)}; precision of random scores ${short(random)}`,
      ],
    },
    data: [
      { name: 'steps', values: steps },
      { name: 'dots', values: curve.length > MOST_DOTS ? [] : [...curve] },
    ],
    scales: [
      { name: 'x', type: 'linear', domain: [0, 1], range: 'width' },
      { name: 'y', type: 'linear', domain: [0, 1], range: 'height' },
    ],
    axes: [
      { orient: 'bottom', scale: 'x', title: 'Recall', grid: true },
      { orient: 'left', scale: 'y', title: 'Precision', grid: true },
    ],
    marks: [
      {
        type: 'area',
        from: { data: 'steps' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'recall' },
            y: { scale: 'y', field: 'precision' },
            y2: { scale: 'y', value: 0 },
            interpolate: { value: 'step-before' },
            fill: { value: FIGURE_COLOURS.positive },
            fillOpacity: { value: 0.1 },
          },
        },
      },
      {
        type: 'line',
        from: { data: 'steps' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'recall' },
            y: { scale: 'y', field: 'precision' },
            interpolate: { value: 'step-before' },
            stroke: { value: FIGURE_COLOURS.positive },
            strokeWidth: { value: 2 },
          },
        },
      },
      {
        type: 'symbol',
        from: { data: 'dots' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'recall' },
            y: { scale: 'y', field: 'precision' },
            size: { value: 24 },
            fill: { value: FIGURE_COLOURS.positive },
          },
        },
      },
      {
        type: 'rule',
        encode: {
          enter: {
            x: { scale: 'x', value: 0 },
            x2: { scale: 'x', value: 1 },
            y: { scale: 'y', value: random },
            stroke: { value: FIGURE_COLOURS.faint },
            strokeDash: { value: [4, 4] },
          },
        },
      },
      {
        type: 'text',
        encode: {
          enter: {
            x: { scale: 'x', value: 1, offset: 8 },
            y: { scale: 'y', value: random },
            baseline: { value: 'middle' },
            fill: { value: FIGURE_COLOURS.faint },
            text: { value: 'random' },
          },
        },
      },
    ],
  };
}

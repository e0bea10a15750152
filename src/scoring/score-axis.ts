/**
 * The axis on which a raw score's distribution is kept. Scores that are means of z values lie between -3 and 12
 * and are kept as they are, as logits are; norms and ratios have no such range and are kept on an axis that is logarithmic far
 * from 0 and linear at it.
 */
export interface ScoreAxis {
  readonly scale: 'linear' | 'asinh';
  /** Where the first bin begins, and the width of all of them, on the axis. */
  readonly from: number;
  readonly step: number;
  readonly bins: number;
}

const STANDARDISED = /^(z_\w+|b|c)$/;
const LOGITS = /^(lander|small|tracks)$/;
/** Scores below this are on the linear part of the axis. */
const ASINH_UNIT = 1e-4;

/** The axis of a named score: the same for every image and model, so that histograms can be added up. */
export function axisOf(score: string): ScoreAxis {
  return STANDARDISED.test(score)
    ? { scale: 'linear', from: -3, step: 0.05, bins: 300 }
    : LOGITS.test(score)
      ? { scale: 'linear', from: -40, step: 0.1, bins: 800 }
      : { scale: 'asinh', from: -16, step: 0.04, bins: 900 };
}

/** Place of a raw score on its axis; strictly increasing. */
export function onAxis({ scale }: Pick<ScoreAxis, 'scale'>, raw: number): number {
  return scale === 'linear' ? raw : Math.asinh(raw / ASINH_UNIT);
}

/** Bin of a raw score; what lies beyond the axis falls into its first or last bin. */
export function binOf(axis: ScoreAxis, raw: number): number {
  const bin = Math.floor((onAxis(axis, raw) - axis.from) / axis.step);
  return Math.min(Math.max(bin, 0), axis.bins - 1);
}

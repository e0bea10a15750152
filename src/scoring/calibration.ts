import { logSurvival, type ParetoTail } from './generalised-pareto.js';
import type { PooledStatistics } from './normalise.js';
import { onAxis, type ScoreAxis } from './score-axis.js';

/** Under what an image was taken and scored: all its tiles share it, so that it never reorders them. */
export interface Condition {
  /** Angle of the Sun from the zenith, degrees; null where it is unknown, as for a bare picture. */
  readonly incidenceDeg: number | null;
  /** Local contrast of the terrain: the image's median of the tiles' `mad`; null where it is unknown. */
  readonly contrast: number | null;
}

/** How plain tiles score under one condition. */
export interface CalibrationCell {
  /** -log10 of the share of plain tiles above each of the first `Calibration.knots`, ascending. */
  readonly scores: readonly number[];
  /** Beyond the last of these knots. */
  readonly tail: ParetoTail;
}

/** Brightness and contrast of plain images under one light: the limits between their tenths. */
export interface InputReference {
  /** Grey levels of pixels, 0..255. */
  readonly brightness: readonly number[];
  /** `mad` of tiles. */
  readonly contrast: readonly number[];
}

/** What turns a raw score into a probability; plain JSON, kept in `calibration.json` and in the database. */
export interface Calibration {
  /** Named score it is for. */
  readonly score: string;
  /** Plain images and tiles it was learnt from; what it began with counts as well. */
  readonly images: number;
  readonly tiles: number;
  readonly axis: ScoreAxis;
  /** Places on the axis, ascending. */
  readonly knots: readonly number[];
  /** Incidences, degrees, and contrasts that cells are of, ascending. */
  readonly incidences: readonly number[];
  readonly contrasts: readonly number[];
  /**
   * Row by row: each of the incidences and then "unknown", in each row each of the contrasts and then "unknown".
   */
  readonly cells: readonly CalibrationCell[];
  /** For each of the incidences, and then for "unknown". */
  readonly inputs: readonly InputReference[];
  /** What small images are measured against. */
  readonly pooled: PooledStatistics;
}

/** From this score on it grows with the logarithm only: 1e-100 says all there is to say. */
const BEND = 100;

/**
 * -log10 of the probability that a plain tile under like conditions scores higher: 6 = one tile in a million.
 *
 * In each cell interpolated between the knots, a generalised-Pareto tail above them, and below them a slow way
 * down to 0; between cells interpolated over incidence and the logarithm of contrast, beyond them constant.
 * Finite, positive and below 1000 for any finite raw score; continuous in the condition; under one condition
 * strictly increasing for raw scores that differ by more than one part in 10⁹ (single precision resolves 10⁷).
 * NaN for NaN.
 */
export function calibrateScore(calibration: Calibration, raw: number, condition: Condition): number {
  return scoreUnder(calibration, condition)(raw);
}

/** `calibrateScore` for the many tiles of one image. */
export function scoreUnder(calibration: Calibration, condition: Condition): (raw: number) => number {
  const scoreAt = scoreOnAxis(calibration, condition);
  return (raw) => (Number.isNaN(raw) ? NaN : scoreAt(onAxis(calibration.axis, raw)));
}

/** `scoreUnder` for places on the calibration's axis. */
export function scoreOnAxis(calibration: Calibration, condition: Condition): (place: number) => number {
  const weighted = cellsAt(calibration, condition);
  return (place) => {
    let score = 0;
    for (const { cell, weight } of weighted) score += weight * cellScore(cell, calibration.knots, place);
    return score;
  };
}

interface WeightedCell {
  readonly cell: CalibrationCell;
  readonly weight: number;
}

function cellsAt(calibration: Calibration, { incidenceDeg, contrast }: Condition): WeightedCell[] {
  const { incidences, contrasts, cells } = calibration;
  const rows = positionsOf(incidences, incidenceDeg, (degrees) => degrees);
  const columns = positionsOf(contrasts, contrast, Math.log);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      cell: cells[row.at * (contrasts.length + 1) + column.at]!,
      weight: row.weight * column.weight,
    })),
  );
}

/** Which of some nodes a value lies between, and how near to each; the place after the last is "unknown". */
export function positionsOf(
  nodes: readonly number[],
  value: number | null,
  scale: (value: number) => number,
): { at: number; weight: number }[] {
  if (value === null || Number.isNaN(value) || nodes.length === 0) return [{ at: nodes.length, weight: 1 }];
  const above = nodes.findIndex((node) => node >= value);
  if (above <= 0) return [{ at: above === 0 ? 0 : nodes.length - 1, weight: 1 }];
  const [low, high] = [scale(nodes[above - 1]!), scale(nodes[above]!)];
  const weight = (scale(value) - low) / (high - low);
  return [
    { at: above - 1, weight: 1 - weight },
    { at: above, weight },
  ];
}

function cellScore({ scores, tail }: CalibrationCell, knots: readonly number[], place: number): number {
  const first = knots[0]!;
  const end = scores.length - 1;
  if (place < first) return scores[0]! / (1 + Math.log1p(first - place));
  if (place >= knots[end]!) return bend(scores[end]! - logSurvival(tail, place - knots[end]!) / Math.LN10);
  let low = 0;
  let high = end;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (knots[middle]! <= place) low = middle;
    else high = middle;
  }
  const share = (place - knots[low]!) / (knots[high]! - knots[low]!);
  return scores[low]! + (scores[high]! - scores[low]!) * share;
}

function bend(score: number): number {
  return score <= BEND ? score : BEND + Math.log1p(score - BEND);
}

import type { PlanePoint } from '../geo/local-projection.js';
import { cholesky, solve } from './solve.js';
import type { Match } from './tie-points.js';

/**
 * Standard deviation of turn and scale between two images placed by rounded corners: two errors of 90 m over a
 * width of 3 km.
 */
const GRADIENT_SIGMA = 0.04;
const ROUNDS = 8;
/** Matches are first asked to agree to so many tolerances, then to fewer. */
const FIRST = 6;

/** What is left of matches that follow one affine shift over the overlap. */
export interface Agreement {
  readonly kept: readonly Match[];
  /** Shift at the middle of the kept ones. */
  readonly offset: PlanePoint;
  /** Root mean square of their residuals per axis, metres. */
  readonly residualM: number;
}

/**
 * Keeps the matches whose shifts agree: an affine shift about the middle is fitted, its turn and scale weakly held to
 * zero, and what lies farther off than the tolerance is left out, step by step.
 */
export function agreeing(matches: readonly Match[], toleranceM: number): Agreement {
  let kept = seed(matches, toleranceM * FIRST);
  let model: Affine | null = null;
  for (let round = 0; round < ROUNDS && kept.length >= 2; round++) {
    model = fit(kept, toleranceM);
    const allowed = toleranceM * Math.max(1, FIRST * 0.5 ** (round + 1));
    const next = matches.filter((match) => distance(model!, match) <= allowed);
    if (allowed === toleranceM && next.length === kept.length) break;
    kept = next;
  }
  if (kept.length < 2 || model === null) return { kept: [], offset: { x: 0, y: 0 }, residualM: 0 };
  model = fit(kept, toleranceM);
  const squares = kept.reduce((sum, match) => sum + distance(model, match) ** 2, 0);
  return {
    kept,
    offset: { x: model.x[0]!, y: model.y[0]! },
    residualM: Math.sqrt(squares / (2 * kept.length)),
  };
}

/** The matches that most others are near to: their shifts within the given distance of one match's. */
function seed(matches: readonly Match[], within: number): readonly Match[] {
  let most: readonly Match[] = [];
  for (const { shift } of matches) {
    const near = matches.filter(
      (other) => Math.hypot(other.shift.x - shift.x, other.shift.y - shift.y) <= within,
    );
    if (near.length > most.length) most = near;
  }
  return most;
}

interface Affine {
  readonly middle: PlanePoint;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

function fit(matches: readonly Match[], sigma: number): Affine {
  const middle = {
    x: matches.reduce((sum, { at }) => sum + at.x, 0) / matches.length,
    y: matches.reduce((sum, { at }) => sum + at.y, 0) / matches.length,
  };
  const normal = new Float64Array(9);
  const [bx, by] = [new Float64Array(3), new Float64Array(3)];
  for (const { at, shift } of matches) {
    const row = [1, at.x - middle.x, at.y - middle.y];
    row.forEach((value, i) => {
      bx[i]! += value * shift.x;
      by[i]! += value * shift.y;
      row.forEach((other, j) => (normal[i * 3 + j]! += value * other));
    });
  }
  const hold = (sigma / GRADIENT_SIGMA) ** 2;
  normal[0]! += 1e-9;
  normal[4]! += hold;
  normal[8]! += hold;
  const l = cholesky(normal, 3);
  return { middle, x: solve(l, 3, bx), y: solve(l, 3, by) };
}

function distance({ middle, x, y }: Affine, { at, shift }: Match): number {
  const [u, v] = [at.x - middle.x, at.y - middle.y];
  return Math.hypot(shift.x - (x[0]! + x[1]! * u + x[2]! * v), shift.y - (y[0]! + y[1]! * u + y[2]! * v));
}

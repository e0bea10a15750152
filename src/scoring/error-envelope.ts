/** One tile's score by the screening graph and by the exact one. */
export interface ScorePair {
  readonly screened: number;
  readonly exact: number;
}

/** How far a screened score may be off, as a function of the score itself: linear between knots. */
export interface ErrorEnvelope {
  /** Screened scores, ascending. */
  readonly values: readonly number[];
  /** Largest error that was seen around each, at least 0. */
  readonly errors: readonly number[];
}

/** Shares of the tiles up to the knots: the few high scores, which are what is looked for, have knots of their own. */
const SHARES = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997, 1];
/** From this knot on, the median, errors never fall again: the fewer tiles, the less a small error there means. */
const MEDIAN = SHARES.indexOf(0.5);

/**
 * The envelope of all errors: at no value that was seen was one larger.
 * @throws RangeError for no tiles, or numbers that are not finite
 */
export function fitEnvelope(pairs: readonly ScorePair[]): ErrorEnvelope {
  if (pairs.length === 0) throw new RangeError('no tiles to fit an envelope to');
  if (!pairs.every(({ screened, exact }) => Number.isFinite(screened) && Number.isFinite(exact)))
    throw new RangeError('a score is not finite');
  const sorted = pairs.toSorted((a, b) => a.screened - b.screened);
  const knots = SHARES.map((share) => sorted[Math.round(share * (sorted.length - 1))]!.screened);
  const errors = new Array<number>(knots.length).fill(0);
  let interval = 0;
  for (const { screened, exact } of sorted) {
    while (interval < knots.length - 2 && screened > knots[interval + 1]!) interval++;
    const error = Math.abs(screened - exact);
    // An interval's largest error holds at both of its ends, and so everywhere between them.
    for (let k = interval; k <= interval + 1; k++) errors[k] = Math.max(errors[k]!, error);
  }
  for (let k = 1; k < errors.length; k++) {
    // A higher score never has a lower upper bound, as long as the safety factor is at most 2.
    const least =
      knots[k] === knots[k - 1] ? errors[k - 1]! : errors[k - 1]! - (knots[k]! - knots[k - 1]!) / 2;
    errors[k] = Math.max(errors[k]!, k > MEDIAN ? errors[k - 1]! : least);
  }
  return { values: knots, errors };
}

/**
 * The largest error at a value. Beyond the last knot it grows as the value does; below the first it stays.
 */
export function errorAt({ values, errors }: ErrorEnvelope, value: number): number {
  const last = values.length - 1;
  const end = values[last]!;
  if (value >= end) return errors[last]! * (end > 0 ? Math.max(1, value / end) : 1);
  if (value <= values[0]!) return errors[0]!;
  let k = 0;
  while (value > values[k + 1]!) k++;
  const width = values[k + 1]! - values[k]!;
  const share = width > 0 ? (value - values[k]!) / width : 1;
  return errors[k]! + share * (errors[k + 1]! - errors[k]!);
}

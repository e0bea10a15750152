import { errorAt, type ErrorEnvelope, type ScorePair } from './error-envelope.js';

/** Raw scores that a screening graph gives. */
export const SCREEN_PARTS = ['l2', 'mu_norm', 'bright', 'bright_peak', 'lander', 'small', 'tracks'] as const;
export type ScreenPart = (typeof SCREEN_PARTS)[number];
/** Those that are never negative. */
const POSITIVE: ReadonlySet<ScreenPart> = new Set(['l2', 'mu_norm']);

/** How far screened scores may be off; the learned scorer's are absent where a model has none. */
export interface ScreenBounds {
  /** The allowed error is so many times the largest one seen. */
  readonly safety: number;
  readonly parts: Readonly<Partial<Record<ScreenPart, ErrorEnvelope | undefined>>>;
}

export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/**
 * Where the exact score lies, given the screened one: lo <= exact <= hi.
 * @throws RangeError for a part that the bounds do not tell of
 */
export function partBounds(bounds: ScreenBounds, part: ScreenPart, value: number): Interval {
  const error = bounds.safety * errorAt(envelopeOf(bounds, part), value);
  const lo = value - error;
  return { lo: POSITIVE.has(part) ? Math.max(0, lo) : lo, hi: value + error };
}

/** A tile that was screened and scored exactly. */
export interface Observation extends ScorePair {
  readonly part: ScreenPart;
}

/**
 * Bounds after what was seen in production: a part of which one error was larger than any before has its whole
 * envelope raised by that ratio, so that the safety factor holds of what is now the largest. Never narrower.
 *
 * An error where none was before gives no ratio: it is added to the whole envelope.
 */
export function widen(bounds: ScreenBounds, observations: Iterable<Observation>): ScreenBounds {
  const parts: Partial<Record<ScreenPart, ErrorEnvelope | undefined>> = { ...bounds.parts };
  for (const { part, screened, exact } of observations) {
    const envelope = parts[part] ?? envelopeOf(bounds, part);
    const error = Math.abs(screened - exact);
    const known = errorAt(envelope, screened);
    if (!(error > known)) continue;
    const { values, errors } = envelope;
    const raised = known > 0 ? errors.map((one) => (one * error) / known) : errors.map((one) => one + error);
    parts[part] = { values, errors: raised };
  }
  return { ...bounds, parts };
}

function envelopeOf(bounds: ScreenBounds, part: ScreenPart): ErrorEnvelope {
  const envelope = bounds.parts[part];
  if (envelope === undefined) throw new RangeError(`there are no bounds of ${part}`);
  return envelope;
}

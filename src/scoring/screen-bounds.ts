import { errorAt, type ErrorEnvelope } from './error-envelope.js';

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

function envelopeOf(bounds: ScreenBounds, part: ScreenPart): ErrorEnvelope {
  const envelope = bounds.parts[part];
  if (envelope === undefined) throw new RangeError(`there are no bounds of ${part}`);
  return envelope;
}

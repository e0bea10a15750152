import type { OdeParameters } from './ode-query.js';

const DAY_MS = 86_400_000;

/** Days `YYYY-MM-DD` of observation, or of the product's creation, both ends included. */
export interface OdeWindow {
  readonly by: 'observation' | 'creation';
  readonly from: string;
  readonly to: string;
}

/** UTC day of a time. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/**
 * The month of observation that a day lies in. Months run from a 16th to a 15th, as those of the archive's volumes
 * do: a release is one of them.
 */
export function monthOf(day: string): OdeWindow {
  const [year = NaN, month = NaN, date = NaN] = day.split('-').map(Number);
  const first = date >= 16 ? month - 1 : month - 2;
  const from = new Date(Date.UTC(year, first, 16));
  const to = new Date(Date.UTC(year, first + 1, 15));
  return { by: 'observation', from: dayOf(from), to: dayOf(to) };
}

export function monthBefore({ from }: OdeWindow): OdeWindow {
  return monthOf(addDays(from, -1));
}

export function addDays(day: string, days: number): string {
  return dayOf(new Date(Date.parse(day) + days * DAY_MS));
}

/**
 * Cuts a window so that its parts, were its products spread evenly, hold no more than `most` each; a day is not cut.
 * A part is read as a whole, and read again as a whole when that is interrupted.
 */
export function splitWindow(window: OdeWindow, products: number, most: number): OdeWindow[] {
  const days = Math.round((Date.parse(window.to) - Date.parse(window.from)) / DAY_MS) + 1;
  const parts = Math.max(1, Math.min(days, Math.ceil(products / most)));
  return Array.from({ length: parts }, (_, n) => ({
    by: window.by,
    from: addDays(window.from, Math.floor((n * days) / parts)),
    to: addDays(window.from, Math.floor(((n + 1) * days) / parts) - 1),
  }));
}

/** ODE's parameters for it; a greatest creation time has no effect without a least one. */
export function windowParameters({ by, from, to }: OdeWindow): OdeParameters {
  return by === 'observation'
    ? { minobtime: from, maxobtime: to }
    : { mincreationtime: from, maxcreationtime: to };
}

export function windowName({ by, from, to }: OdeWindow): string {
  return `${by === 'observation' ? 'observed' : 'created'} ${from} to ${to}`;
}

import { InvalidArgumentError } from 'commander';

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Parser of an option that takes a date (UTC), or an age such as 12h, 30d or 2w before now. */
export function dateOrAge(text: string): Date {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([hdw])$/.exec(text.trim()) ?? [];
  const age = UNITS_MS[unit];
  if (count !== undefined && age !== undefined) return new Date(Date.now() - Number(count) * age);
  const value = new Date(text);
  if (!/^\d{4}-\d\d/.test(text.trim()) || Number.isNaN(value.getTime()))
    throw new InvalidArgumentError('Give a date such as 2026-04-30, or an age such as 30d.');
  return value;
}

/** Parser of a day as a bound: `2026-04` and `2026-04-30` mean their beginning, UTC. */
export function day(text: string): Date {
  const value = new Date(`${text}${/^\d{4}-\d\d$/.test(text) ? '-01' : ''}T00:00:00Z`);
  if (!/^\d{4}-\d\d(-\d\d)?$/.test(text) || Number.isNaN(value.getTime()))
    throw new InvalidArgumentError('Give a day such as 2026-04-30.');
  return value;
}

import { weekdayNumber, type DigestSchedule } from './rule.js';

const DAY_MS = 86_400_000;

/** The first moment after `after` at which a digest goes. */
export function nextDigest(schedule: DigestSchedule, after: Date): Date {
  const first = new Date(after);
  first.setUTCHours(schedule.hour, 0, 0, 0);
  let at = first.getTime();
  const due = (): boolean =>
    at > after.getTime() &&
    (schedule.every === 'day' || new Date(at).getUTCDay() === weekdayNumber(schedule.weekday));
  while (!due()) at += DAY_MS;
  return new Date(at);
}

/** The last moment up to `now` at which a digest went or should have. */
export function lastDigest(schedule: DigestSchedule, now: Date): Date {
  const period = schedule.every === 'day' ? DAY_MS : 7 * DAY_MS;
  return new Date(nextDigest(schedule, now).getTime() - period);
}

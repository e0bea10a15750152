/** What the numbers of nine digits count from, in seconds: fits real start times within a few seconds. */
const EPOCH_S = Date.UTC(2001, 0, 1) / 1000 + 167_053_534;
/** Since 2012 numbers have ten digits and this much more. */
const TEN_DIGITS = 900_000_000;

/**
 * About when an image was taken, by the number in its id: the spacecraft's seconds. Leap seconds and the pause
 * between command and first line make a few seconds of difference.
 * @param id product or image id, e.g. `M1271742202LC`
 */
export function timeOfId(id: string): Date {
  const digits = /^M(\d{9,10})/.exec(id)?.[1] ?? '';
  const seconds = Number(digits) - (digits.length === 10 ? TEN_DIGITS : 0);
  return new Date((EPOCH_S + seconds) * 1000);
}

import type { DataSet } from '../data-set.js';

/**
 * The calendar of archive volumes. Volume N holds three months from a 16th on; N = 36 starts on 2018-06-16.
 * From 36 on each month is a volume of its own, lettered A, B, C. Volume 1 also holds all that came before.
 * Inferred from 36 observed products (lroc-archive 1.3): a predictor, to be verified by the volume's label.
 */
const FIRST_LETTERED = 36;
/** LRO's launch: nothing of the archive is older. */
export const FIRST_IMAGE = new Date('2009-06-18T00:00:00Z');
const LETTERS = ['A', 'B', 'C'] as const;
const OFFSET: Readonly<Record<DataSet, number>> = { cdr: 1000, edr: 0 };

/** One volume of either data set, by its number without the data set's offset. */
interface VolumeName {
  readonly number: number;
  readonly letter: 'A' | 'B' | 'C' | '';
}

/** Volume that holds (or will hold) images of this time. */
export function volumeOf(time: Date, dataSet: DataSet): string {
  const months = monthsSinceLettered(time);
  const number = Math.max(1, FIRST_LETTERED + Math.floor(months / 3));
  const letter = number < FIRST_LETTERED ? '' : (LETTERS[months % 3] ?? '');
  return format({ number, letter }, dataSet);
}

/** When the time that a volume holds is over. @throws RangeError for anything that is not a volume of the data set */
export function endOfVolume(volumeId: string, dataSet: DataSet): Date {
  const { number, letter } = parse(volumeId, dataSet);
  const months = (number - FIRST_LETTERED) * 3 + (letter === '' ? 3 : LETTERS.indexOf(letter) + 1);
  return new Date(Date.UTC(2018, 5 + months, 16));
}

/**
 * The time whose images a volume holds; the first one also holds all that came before.
 * @throws RangeError for anything that is no volume of the data set
 */
export function periodOfVolume(
  volumeId: string,
  dataSet: DataSet,
): { readonly from: Date; readonly until: Date } {
  const before = previousVolume(volumeId, dataSet);
  return {
    from: before === null ? FIRST_IMAGE : endOfVolume(before, dataSet),
    until: endOfVolume(volumeId, dataSet),
  };
}

/** Whether the volume of this time, and the next one, have a name: names last until 2258. */
export function isInCalendar(time: Date): boolean {
  return FIRST_LETTERED + Math.floor(monthsSinceLettered(time) / 3) < 999;
}

/** Whole months, each from a 16th on. */
function monthsSinceLettered(time: Date): number {
  const startsOn16th = time.getUTCDate() >= 16 ? 0 : -1;
  return (time.getUTCFullYear() - 2018) * 12 + (time.getUTCMonth() - 5) + startsOn16th;
}

/** The volume released after this one. */
export function nextVolume(volumeId: string, dataSet: DataSet): string {
  const { number, letter } = parse(volumeId, dataSet);
  if (letter === 'A') return format({ number, letter: 'B' }, dataSet);
  if (letter === 'B') return format({ number, letter: 'C' }, dataSet);
  const next = number + 1;
  return format({ number: next, letter: next < FIRST_LETTERED ? '' : 'A' }, dataSet);
}

/** The volumes after one, up to another, which is the last; none where that comes first. */
export function volumesBetween(volumeId: string, last: string, dataSet: DataSet): string[] {
  const between: string[] = [];
  for (let id = nextVolume(volumeId, dataSet); id <= last; id = nextVolume(id, dataSet)) between.push(id);
  return between;
}

/** The volume released before this one; null before the first. */
export function previousVolume(volumeId: string, dataSet: DataSet): string | null {
  const { number, letter } = parse(volumeId, dataSet);
  if (letter === 'C') return format({ number, letter: 'B' }, dataSet);
  if (letter === 'B') return format({ number, letter: 'A' }, dataSet);
  const previous = number - 1;
  if (previous < 1) return null;
  return format({ number: previous, letter: previous < FIRST_LETTERED ? '' : 'C' }, dataSet);
}

function format({ number, letter }: VolumeName, dataSet: DataSet): string {
  return `LROLRC_${String(number + OFFSET[dataSet]).padStart(4, '0')}${letter}`;
}

/** @throws RangeError for anything that is not a volume of the data set */
function parse(volumeId: string, dataSet: DataSet): VolumeName {
  const [, digits, letter = ''] = /^LROLRC_(\d{4})([ABC]?)$/.exec(volumeId) ?? [];
  const number = Number(digits) - OFFSET[dataSet];
  const lettered = letter !== '';
  if (!(number >= 1 && number < 1000) || lettered !== number >= FIRST_LETTERED) {
    throw new RangeError(`${volumeId} is no volume of the ${dataSet.toUpperCase()} data set`);
  }
  return { number, letter: letter as VolumeName['letter'] };
}

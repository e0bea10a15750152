import type { DataSet } from '../archive/data-set.js';
import { UsageError } from '../domain/errors.js';

/** One volume and the time that it holds. */
export interface VolumePeriod {
  /** In the CDR data set. */
  readonly volumeId: string;
  readonly from: Date;
  readonly to: Date;
}

/** Volumes are three months long before this, and one month, with a letter, from it on. */
const FIRST_LETTERED = { number: 1036, year: 2018, month: 5 };
/** From the end of a volume's time to its release (lroc-archive 1.4: 3 to 5 months). */
const LAG_MONTHS = 3;

/** Id of the volume of this time in a data set: EDR numbers are 1000 less. */
export function volumeIdOf({ volumeId }: VolumePeriod, dataSet: DataSet): string {
  return dataSet === 'cdr' ? volumeId : volumeId.replace('LROLRC_1', 'LROLRC_0');
}

/**
 * @param volumeId of the CDR data set
 * @throws UsageError for an id that the calendar does not have
 */
export function volumePeriod(volumeId: string): VolumePeriod {
  const [, digits, letter] = /^LROLRC_(1\d{3})([ABC])?$/.exec(volumeId) ?? [];
  const quarters = Number(digits) - FIRST_LETTERED.number;
  const period = periodAt(quarters * 3 + (letter === undefined ? 0 : 'ABC'.indexOf(letter)));
  if (digits === undefined || period.volumeId !== volumeId) {
    throw new UsageError(`${volumeId} is no volume of the CDR data set, such as LROLRC_1067A.`);
  }
  return period;
}

/** The newest volume that an archive would have released by `now`. */
export function releasedBy(now: Date): VolumePeriod {
  const half = now.getUTCDate() >= 16 ? 0 : -1;
  const months =
    (now.getUTCFullYear() - FIRST_LETTERED.year) * 12 + now.getUTCMonth() - FIRST_LETTERED.month + half;
  return periodAt(months - LAG_MONTHS - 1);
}

export function followingVolume({ to }: VolumePeriod): VolumePeriod {
  const years = to.getUTCFullYear() - FIRST_LETTERED.year;
  return periodAt(years * 12 + to.getUTCMonth() - FIRST_LETTERED.month);
}

export function precedingVolume({ from }: VolumePeriod): VolumePeriod {
  const months =
    (from.getUTCFullYear() - FIRST_LETTERED.year) * 12 + from.getUTCMonth() - FIRST_LETTERED.month;
  return periodAt(months - 1);
}

/** Day on which a volume came out. */
export function releaseDay({ to }: VolumePeriod): Date {
  return new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + LAG_MONTHS, to.getUTCDate()));
}

/** The volume that holds the month which begins `months` after 2018-06-16. */
function periodAt(months: number): VolumePeriod {
  const lettered = months >= 0;
  const quarter = Math.floor(months / 3);
  const number = FIRST_LETTERED.number + quarter;
  const first = lettered ? months : quarter * 3;
  return {
    volumeId: `LROLRC_${number}${lettered ? 'ABC'[months % 3] : ''}`,
    from: sixteenth(first),
    to: sixteenth(first + (lettered ? 1 : 3)),
  };
}

function sixteenth(months: number): Date {
  return new Date(Date.UTC(FIRST_LETTERED.year, FIRST_LETTERED.month + months, 16));
}

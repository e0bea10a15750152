import { UsageError } from '../../domain/errors.js';
import { DATA_SET_IDS, type DataSet } from '../data-set.js';
import { nextVolume, previousVolume } from './volume-calendar.js';

/** More are in no archive; keeps a range that was typed in the wrong order from running on. */
const MOST_VOLUMES = 1000;

/**
 * Volume ids that a person names: ids, `FIRST..LAST`, or a whole number N for the newest volume and N - 1 more at
 * equal distances back to the first.
 * @param newest newest volume of the archive
 * @throws UsageError for anything else
 */
export function chooseVolumes(given: readonly string[], newest: string, dataSet: DataSet): string[] {
  return [...new Set(given.flatMap((text) => volumesOf(text, newest, dataSet)))];
}

function volumesOf(text: string, newest: string, dataSet: DataSet): string[] {
  if (/^\d{1,3}$/.test(text)) return evenly(Number(text), newest, dataSet);
  const [first = '', last = first, ...more] = text.toUpperCase().split('..');
  try {
    previousVolume(last, dataSet);
    const volumes = [first];
    // The first step also tells an id that is none.
    for (let next = nextVolume(first, dataSet); volumes[volumes.length - 1] !== last;) {
      if (volumes.length === MOST_VOLUMES) throw new RangeError(`${first} comes after ${last}`);
      volumes.push(next);
      next = nextVolume(next, dataSet);
    }
    if (more.length === 0) return volumes;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new UsageError(
    `${text} names no volume: give volumes of ${DATA_SET_IDS[dataSet]} such as ${newest}, a range FIRST..LAST of them, or how many to spread over the mission.`,
  );
}

function evenly(count: number, newest: string, dataSet: DataSet): string[] {
  const all: string[] = [];
  for (let id: string | null = newest; id !== null; id = previousVolume(id, dataSet)) all.push(id);
  const wanted = Math.min(Math.max(count, 1), all.length);
  const step = wanted === 1 ? 0 : (all.length - 1) / (wanted - 1);
  return Array.from({ length: wanted }, (_, n) => all[Math.round(n * step)]!);
}

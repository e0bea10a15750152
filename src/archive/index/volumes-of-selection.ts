import type { Selection } from '../../domain/selection.js';
import type { DataSet } from '../data-set.js';
import { FIRST_IMAGE, nextVolume, volumeOf } from './volume-calendar.js';

/** Where volumes are cut, on the 16th at 00:00 or some hours beside it, is not known: images this near may lie in either. */
const UNSURE_MS = 2 * 86_400_000;
/** More are in no archive. */
const MOST_VOLUMES = 1000;

/**
 * Ids of the volumes that may hold images of a selection, up to the newest one that is there.
 */
export function volumesOfSelection(selection: Selection, newest: string, dataSet: DataSet): string[] {
  const { volumes, from, until } = selection;
  if (volumes.length > 0) return [...volumes];
  const first = volumeOf(new Date((from ?? FIRST_IMAGE).getTime() - UNSURE_MS), dataSet);
  const last = until === null ? newest : volumeOf(new Date(until.getTime() + UNSURE_MS), dataSet);
  const ids: string[] = [];
  for (let id = first; ids.length < MOST_VOLUMES; id = nextVolume(id, dataSet)) {
    if (isLater(id, newest)) break;
    ids.push(id);
    if (id === last) break;
  }
  return ids;
}

/** Ids of one data set sort as their volumes do: numbers of four digits, then the letter. */
function isLater(id: string, other: string): boolean {
  return id > other;
}

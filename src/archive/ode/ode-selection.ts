import type { LonLatBox } from '../../domain/results.js';
import type { Selection } from '../../domain/selection.js';
import type { DataSet } from '../data-set.js';
import { FIRST_IMAGE, periodOfVolume } from '../index/volume-calendar.js';
import type { OdeParameters } from './ode-query.js';
import { addDays, dayOf, monthBefore, monthOf, type OdeWindow } from './ode-window.js';

const FIRST_DAY = dayOf(FIRST_IMAGE);
/** Where the calendar cuts volumes is known to a day. */
const UNSURE_DAYS = 1;

/**
 * Months of observation, the oldest first, that hold a selection's images; the first and the last are cut to its
 * days. Volumes are taken by the time that the calendar gives them.
 * @param newest day of the newest observation
 * @throws RangeError for volumes that are none of the data set
 */
export function windowsOfSelection(selection: Selection, newest: string, dataSet: DataSet): OdeWindow[] {
  const spans = selection.volumes.map((id) => periodOfVolume(id, dataSet));
  const bounds = [
    ...spans.map(({ from, until }) => ({
      from: addDays(dayOf(from), -UNSURE_DAYS),
      to: addDays(dayOf(until), UNSURE_DAYS),
    })),
    ...(spans.length === 0 ? [{ from: FIRST_DAY, to: newest }] : []),
  ];
  const least = selection.from === null ? FIRST_DAY : dayOf(selection.from);
  // The bound itself is left out, so the day before midnight is the last.
  const most = selection.until === null ? newest : dayOf(new Date(selection.until.getTime() - 1));
  const windows = bounds.flatMap(({ from, to }) =>
    monthsBetween(latest(from, least), earliest(to, most, newest)),
  );
  return [...new Map(windows.map((window) => [window.from, window])).values()].sort((a, b) =>
    a.from < b.from ? -1 : 1,
  );
}

function monthsBetween(from: string, to: string): OdeWindow[] {
  const windows: OdeWindow[] = [];
  for (let month = monthOf(to); from <= to && month.to >= from; month = monthBefore(month))
    windows.push({ by: 'observation', from: latest(month.from, from), to: earliest(month.to, to) });
  return windows;
}

/** ODE's parameters for a box; longitudes 0..360. */
export function boxParameters(box: LonLatBox | null): OdeParameters {
  if (box === null) return {};
  const east = (lon: number) => String(lon < 0 ? lon + 360 : lon);
  const all = box.east - box.west >= 360;
  return {
    minlat: String(box.south),
    maxlat: String(box.north),
    westernlon: all ? '0' : east(box.west),
    easternlon: all ? '360' : east(box.east),
    loc: 'f',
  };
}

function latest(...days: readonly string[]): string {
  return days.reduce((a, b) => (a > b ? a : b));
}

function earliest(...days: readonly string[]): string {
  return days.reduce((a, b) => (a < b ? a : b));
}

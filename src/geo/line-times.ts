import { intervalOf } from './interval.js';
import type { Isd } from './isd-schema.js';

/** Ephemeris time (TDB seconds past J2000) of a line; 0 is the upper edge of the first one. */
export type LineTimes = (line: number) => number;

/**
 * When each line was taken. A row of `line_scan_rate` starts at a line in ISIS's counting, whose 0.5 is the
 * upper edge of the image, and runs until the next row's line; the middle of a line is the middle of its exposure.
 */
export function lineTimes(isd: Pick<Isd, 'line_scan_rate' | 'center_ephemeris_time'>): LineTimes {
  const rows = isd.line_scan_rate.map(([line, offset, rate]) => ({
    line: line - 0.5,
    time: isd.center_ephemeris_time + offset,
    rate,
  }));
  const starts = Float64Array.from([...rows.map(({ line }) => line), Infinity]);
  return (line) => {
    const row = rows[intervalOf(starts, line)];
    return row === undefined ? NaN : row.time + row.rate * (line - row.line);
  };
}

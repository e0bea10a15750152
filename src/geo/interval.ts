/**
 * Index `i` of the two records that a time lies between, `times[i] <= t < times[i + 1]`; the first or last two
 * for a time outside, so that half a line beyond a table is carried on from its end.
 * @param times increasing, at least 2
 */
export function intervalOf(times: Float64Array, t: number): number {
  let low = 0;
  let high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? NaN) <= t) low = middle;
    else high = middle;
  }
  return low;
}

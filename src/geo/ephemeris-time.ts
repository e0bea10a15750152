/** J2000, the zero of ephemeris time, on the clock of UTC without leap seconds, ms. */
const J2000_MS = Date.UTC(2000, 0, 1, 12);

/** TT - TAI, seconds. */
const TT_TAI_S = 32.184;

/** TAI - UTC since the last leap second before LRO's launch, and each one since (IERS Bulletin C), seconds. */
const LEAP_SECONDS: readonly (readonly [since: number, seconds: number])[] = [
  [-Infinity, 34],
  [Date.UTC(2012, 6, 1), 35],
  [Date.UTC(2015, 6, 1), 36],
  [Date.UTC(2017, 0, 1), 37],
];

/** UTC of an ephemeris time (TDB seconds past J2000), for times since 2009; within 2 ms. */
export function utcOf(ephemerisTime: number): Date {
  const at = (leap: number) => J2000_MS + (ephemerisTime - TT_TAI_S - leap) * 1000;
  const leap = LEAP_SECONDS.filter(([since, seconds]) => at(seconds) >= since).at(-1)?.[1] ?? NaN;
  return new Date(Math.round(at(leap)));
}

import { UsageError } from '../domain/errors.js';
import { RandomStream } from '../simulation/random.js';
import type { IndexRow } from './index-record.js';

/**
 * Products that a scanner meets and does not want, or must not trust: taken at night, of 1024 lines, summed to
 * 2532 samples, with an incidence that its centre and Sun contradict, with two corners swapped, with the wrong
 * flight direction, without geometry (sentinels), and with a flag of bad quality.
 */
export const ODD_KINDS = [
  'night',
  'short',
  'summed',
  'wrong-incidence',
  'swapped-corners',
  'wrong-flight',
  'no-geometry',
  'bad-quality',
] as const;
export type OddKind = (typeof ODD_KINDS)[number];

/** Share of a volume's products of each kind, 0..1; together at most 1. */
export type OddShares = Readonly<Partial<Record<OddKind, number>>>;

/** Lines of a short image and samples of a summed one. */
export const SHORT_LINES = 1024;
export const SUMMED_SAMPLES = 2532;

/** Incidence of an image taken at night, degrees. */
export const NIGHT_INCIDENCE = { low: 95, high: 125 } as const;

/** @throws UsageError when shares are none or come to more than the whole */
export function checkShares(shares: OddShares): void {
  const values = Object.values(shares);
  const sum = values.reduce((a, b) => a + b, 0);
  if (values.some((share) => !(share >= 0 && share <= 1)) || sum > 1) {
    throw new UsageError('The shares of odd rows are numbers from 0 to 1 that come to 1 at most.');
  }
}

/** The kind of a product by its seed; null for an ordinary one. */
export function oddKind(seed: number, shares: OddShares): OddKind | null {
  const draw = new RandomStream(seed, 7).next();
  let below = 0;
  for (const kind of ODD_KINDS) {
    below += shares[kind] ?? 0;
    if (draw < below) return kind;
  }
  return null;
}

/** The row of a product with what is wrong with it, where that is wrong in the row alone. */
export function oddRow(row: IndexRow, kind: OddKind | null): IndexRow {
  switch (kind) {
    case 'wrong-incidence': {
      const incidence = Number(row.INCIDENCE_ANGLE);
      return { ...row, INCIDENCE_ANGLE: incidence > 45 ? incidence - 10 : incidence + 10 };
    }
    case 'swapped-corners':
      return {
        ...row,
        UPPER_LEFT_LATITUDE: row.UPPER_RIGHT_LATITUDE,
        UPPER_LEFT_LONGITUDE: row.UPPER_RIGHT_LONGITUDE,
        UPPER_RIGHT_LATITUDE: row.UPPER_LEFT_LATITUDE,
        UPPER_RIGHT_LONGITUDE: row.UPPER_LEFT_LONGITUDE,
      };
    case 'wrong-flight':
      return { ...row, LRO_FLIGHT_DIRECTION: row.LRO_FLIGHT_DIRECTION === '+X' ? '-X' : '+X' };
    case 'no-geometry':
      return { ...row, ...NO_GEOMETRY };
    case 'bad-quality':
      // Bits 4 and 5: missing telemetry packets, SPICE bad or missing.
      return { ...row, DATA_QUALITY_ID: 24 };
    case 'night':
    case 'short':
    case 'summed':
    case null:
      return row;
  }
}

/** Sentinels that were reported for rows without geometry (lroc-archive, section 2). */
const NO_GEOMETRY = {
  SCALED_PIXEL_WIDTH: '0.00',
  SCALED_PIXEL_HEIGHT: '0.00',
  RESOLUTION: '0.000',
  EMISSION_ANGLE: '99.99',
  INCIDENCE_ANGLE: '999.99',
  PHASE_ANGLE: '999.99',
  NORTH_AZIMUTH: '999.99',
  SUB_SOLAR_AZIMUTH: '999.99',
  CENTER_LATITUDE: '999.99',
  CENTER_LONGITUDE: '999.99',
  UPPER_RIGHT_LATITUDE: '999.99',
  UPPER_RIGHT_LONGITUDE: '999.99',
  LOWER_RIGHT_LATITUDE: '999.99',
  LOWER_RIGHT_LONGITUDE: '999.99',
  LOWER_LEFT_LATITUDE: '999.99',
  LOWER_LEFT_LONGITUDE: '999.99',
  UPPER_LEFT_LATITUDE: '999.99',
  UPPER_LEFT_LONGITUDE: '999.99',
} as const;

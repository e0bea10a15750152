import type { Product } from '../../domain/product.js';
import { footprintMeets, type LonLatBox } from './meets-box.js';

/** Which products are worth scanning. */
export interface ProductLimits {
  /** Degrees; above ~90 is night. 180 takes all. */
  readonly maxIncidenceDeg: number;
  /** Degrees; 90 takes all. */
  readonly maxEmissionDeg: number;
  /** Metres per pixel. */
  readonly maxResolutionM: number;
  readonly minLines: number;
  /** Image widths that are scanned: 5064, and 2532 where summed images are wanted. */
  readonly samples: readonly number[];
  /** Bits of DATA_QUALITY_ID, numbered from 1, of which an image may have none (lroc-archive 3.6). */
  readonly rejectQuality?: readonly number[];
  /** Where the footprint must reach to; null or left out = the whole Moon. */
  readonly area?: LonLatBox | null;
}

/** Why a product is not scanned. */
export interface Unwanted {
  /** Stable: `incidence`, `emission`, `resolution`, `lines`, `samples`, `quality`, `area`. */
  readonly code: string;
  /** One sentence. */
  readonly reason: string;
}

const QUALITY_BITS: Readonly<Record<number, string>> = {
  1: 'detector temperature out of bounds',
  2: 'saturated pixels',
  3: 'under-saturated pixels',
  4: 'missing telemetry',
  5: 'bad or missing SPICE',
  6: 'bad or missing observation data',
};

/**
 * Why a product is not to be scanned, or null when it is. A size that is not told (NaN) passes: the image tells it.
 * An angle or a resolution that is not told passes only where its limit leaves nothing out.
 * @example filterProduct(product, limits)?.code // 'incidence'
 */
export function filterProduct(product: Product, limits: ProductLimits): Unwanted | null {
  const { incidenceDeg, emissionDeg, resolutionM, lines, samples } = product;
  return (
    above('incidence', 'Its incidence angle', incidenceDeg, limits.maxIncidenceDeg, 180, 'deg') ??
    above('emission', 'Its emission angle', emissionDeg, limits.maxEmissionDeg, 90, 'deg') ??
    above('resolution', 'Its resolution', resolutionM, limits.maxResolutionM, Infinity, 'm/px') ??
    (lines < limits.minLines
      ? unwanted('lines', `Its ${lines} lines are fewer than the limit of ${limits.minLines}.`)
      : null) ??
    (Number.isNaN(samples) || limits.samples.includes(samples)
      ? null
      : unwanted('samples', `Its width of ${samples} samples is not among ${limits.samples.join(', ')}.`)) ??
    qualityFault(product, limits.rejectQuality ?? []) ??
    areaFault(product, limits.area ?? null)
  );
}

function above(
  code: string,
  what: string,
  value: number,
  limit: number,
  most: number,
  unit: string,
): Unwanted | null {
  if (value <= limit || (Number.isNaN(value) && limit >= most)) return null;
  return unwanted(
    code,
    Number.isNaN(value)
      ? `${what} is not told by the archive, so it cannot be held against the limit of ${limit} ${unit}.`
      : `${what} of ${value} ${unit} is above the limit of ${limit} ${unit}.`,
  );
}

function qualityFault({ dataQuality }: Product, rejected: readonly number[]): Unwanted | null {
  const set = Number.isNaN(dataQuality) ? [] : rejected.filter((bit) => (dataQuality >> (bit - 1)) & 1);
  if (set.length === 0) return null;
  const names = set.map((bit) =>
    QUALITY_BITS[bit] === undefined ? `bit ${bit}` : `bit ${bit} (${QUALITY_BITS[bit]})`,
  );
  return unwanted('quality', `Its DATA_QUALITY_ID ${dataQuality} has ${names.join(' and ')} set.`);
}

function areaFault({ corners }: Product, area: LonLatBox | null): Unwanted | null {
  if (area === null) return null;
  const meets = footprintMeets(corners, area);
  if (meets === null)
    return unwanted('area', 'The archive does not tell whether its footprint meets the area.');
  return meets ? null : unwanted('area', `Its footprint does not meet the area [${area.join(', ')}].`);
}

function unwanted(code: string, reason: string): Unwanted {
  return { code, reason };
}

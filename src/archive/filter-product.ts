import type { Product } from '../domain/product.js';

/** Which products are worth scanning. */
export interface ProductLimits {
  /** Degrees; above ~90 is night. */
  readonly maxIncidenceDeg: number;
  /** Degrees. */
  readonly maxEmissionDeg: number;
  /** Metres per pixel. */
  readonly maxResolutionM: number;
  readonly minLines: number;
  /** Image widths that are scanned: 5064, and 2532 where summed images are wanted. */
  readonly samples: readonly number[];
}

/**
 * Why a product is not to be scanned, or null when it is. The reason starts with a stable word and a colon.
 * @example filterProduct(product, limits) // 'incidence: 91.32 deg is above the limit of 80 deg'
 */
export function filterProduct(product: Product, limits: ProductLimits): string | null {
  if (!(product.incidenceDeg <= limits.maxIncidenceDeg)) {
    return above('incidence', product.incidenceDeg, limits.maxIncidenceDeg, 'deg');
  }
  if (!(product.emissionDeg <= limits.maxEmissionDeg)) {
    return above('emission', product.emissionDeg, limits.maxEmissionDeg, 'deg');
  }
  if (!(product.resolutionM <= limits.maxResolutionM)) {
    return above('resolution', product.resolutionM, limits.maxResolutionM, 'm/px');
  }
  if (product.lines < limits.minLines) {
    return `lines: ${product.lines} are fewer than the limit of ${limits.minLines}`;
  }
  if (!limits.samples.includes(product.samples)) {
    return `samples: a width of ${product.samples} is not among ${limits.samples.join(', ')}`;
  }
  return null;
}

function above(name: string, value: number, limit: number, unit: string): string {
  return `${name}: ${value} ${unit} is above the limit of ${limit} ${unit}`;
}

import type { Announced } from '../archive/archive-source.js';
import { filterProduct, type ProductLimits, type Unwanted } from '../archive/choose/filter-product.js';

/**
 * Why a product is not scanned, by a stable code and a sentence: what the archive says of it contradicts itself, or
 * the limits leave it out. Null where it is scanned.
 */
export function skipOf({ product, doubt }: Announced, limits: ProductLimits): Unwanted | null {
  if (doubt?.skips === true) return { code: doubt.code, reason: doubt.reason };
  return filterProduct(product, limits);
}

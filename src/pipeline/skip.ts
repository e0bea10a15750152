import { filterProduct, type ProductLimits } from '../archive/filter-product.js';
import type { Product } from '../domain/product.js';
import type { AnnouncedProduct } from '../store/queries/upsert-products.js';

/** Why the limits leave a product out, by a stable code and a sentence; null where they do not. */
export function skipOf(
  product: Product,
  limits: ProductLimits,
): NonNullable<AnnouncedProduct['skip']> | null {
  const reason = filterProduct(product, limits);
  return reason === null ? null : { code: reason.slice(0, reason.indexOf(':')), reason };
}

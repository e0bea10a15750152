import { InvalidProductError } from '../domain/errors.js';
import type { Product } from '../domain/product.js';
import type { RasterSource } from '../domain/raster.js';

/**
 * An image of another size than its index row says would be placed wrongly.
 * @throws InvalidProductError `wrong_size`
 */
export function checkSize(product: Product, raster: Pick<RasterSource, 'info'>): void {
  const { width, height } = raster.info;
  if (width === product.samples && height === product.lines) return;
  throw new InvalidProductError(
    'wrong_size',
    `${product.productId} has ${width} samples x ${height} lines where its index record says ${product.samples} x ${product.lines}; it is not scanned until the archive mends one of them.`,
  );
}

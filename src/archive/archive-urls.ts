import { InvalidProductError, UsageError } from '../domain/errors.js';
import { isNacProductId } from '../domain/image-id.js';
import type { Product } from '../domain/product.js';

/**
 * Base addresses as given by the user, each ending in a slash, so that an archive path can follow.
 * @throws UsageError for anything that is not http or https
 */
export function baseUrls(urls: readonly string[]): readonly string[] {
  if (urls.length === 0) throw new UsageError('archive.urls is empty; give at least one base URL.');
  return urls.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !isWeb(url)) {
      throw new UsageError(`archive.urls: "${text}" is not an http or https address.`);
    }
    return url.href.endsWith('/') ? url.href : `${url.href}/`;
  });
}

export function isWeb(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

/** Path of a volume's index file below the base address. */
export function indexPath(dataSetId: string, volumeId: string, file: 'INDEX.LBL' | 'INDEX.TAB'): string {
  return `${dataSetId}/${volumeId}/INDEX/${file}`;
}

/** What a file specification and a product id may consist of: they are the archive's words, not ours. */
const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/**
 * Path, without extension, of the full-resolution browse image: EXTRAS/BROWSE has the day but no phase and no
 * NAC level (lroc-archive 1.2). `.tif` and `.xml` follow.
 * @throws InvalidProductError where the product's names are none of a NAC image
 * @example 'LRO-…/LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG'
 *       -> 'LRO-…/LROLRC_1034/EXTRAS/BROWSE/2018028/M1271742202LC_pyr'
 */
export function browsePath(product: Pick<Product, 'fileSpecification' | 'productId'>): string {
  const parts = specificationOf(product);
  const day = parts[parts.length - 3] ?? '';
  return `${parts.slice(0, 2).join('/')}/EXTRAS/BROWSE/${day}/${product.productId}_pyr`;
}

/**
 * Path of the product's own file, which ends in `.IMG`; its detached label ends in `.xml` in place of that.
 * @throws InvalidProductError where the product's names are none of a NAC image
 */
export function imgPath(product: Pick<Product, 'fileSpecification' | 'productId'>): string {
  return specificationOf(product).join('/');
}

function specificationOf({
  fileSpecification,
  productId,
}: Pick<Product, 'fileSpecification' | 'productId'>): string[] {
  if (!isNacProductId(productId)) {
    throw new InvalidProductError('product_id', `${productId} is not the id of a NAC image of the Moon.`);
  }
  const parts = fileSpecification.split('/');
  const fits = parts.length >= 5 && parts.every((part) => SEGMENT.test(part));
  if (!fits || parts[parts.length - 1]?.toUpperCase() !== `${productId}.IMG`) {
    throw new InvalidProductError(
      'file_specification',
      `the file specification "${fileSpecification.slice(0, 120)}" of ${productId} is no path of its image in the archive.`,
    );
  }
  return parts;
}

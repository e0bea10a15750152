import { UsageError } from '../domain/errors.js';
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

/**
 * Path, without extension, of the full-resolution browse image: EXTRAS/BROWSE has the day but no phase and no
 * NAC level (lroc-archive 1.2). `.tif` and `.xml` follow.
 * @example 'LRO-…/LROLRC_1034/DATA/ESM3/2018028/NAC/M1271742202LC.IMG'
 *       -> 'LRO-…/LROLRC_1034/EXTRAS/BROWSE/2018028/M1271742202LC_pyr'
 */
export function browsePath(product: Pick<Product, 'fileSpecification' | 'productId'>): string {
  const parts = product.fileSpecification.split('/');
  const day = parts[parts.length - 3] ?? '';
  return `${parts.slice(0, 2).join('/')}/EXTRAS/BROWSE/${day}/${product.productId}_pyr`;
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidProductError } from '../domain/errors.js';
import { isNacProductId } from '../domain/image-id.js';
import type { Product } from '../domain/product.js';
import type { FetchedImage } from './archive-source.js';
import { browsePath } from './archive-urls.js';
import { parseBrowseLabel } from './browse-label.js';
import { isTiff } from './content-check.js';
import { download } from './download.js';
import type { HttpClient } from './http-client.js';
import { readText } from './read-text.js';

/**
 * Fetches `<ID>_pyr.xml` (2 kB: size and MD5) and then `<ID>_pyr.tif` into `dir`.
 * @param base address that the archive path follows, ending in a slash
 * @throws MissingProductError | InvalidProductError | TransientError | OperationalError
 */
export async function fetchImage(
  client: HttpClient,
  base: string,
  product: Product,
  dir: string,
  signal: AbortSignal | undefined,
): Promise<FetchedImage> {
  const { productId } = product;
  if (!isNacProductId(productId)) {
    throw new InvalidProductError('product_id', `${productId} is not the id of a NAC image of the Moon.`);
  }
  const address = base + browsePath(product);
  const answer = await readText(client, `${address}.xml`, { signal });
  const label = parseBrowseLabel(answer?.text ?? '', productId, `${address}.xml`);
  const url = `${address}.tif`;
  const path = join(dir, `${productId}_pyr.tif`);
  const { bytes, sha256, head } = await download(client, url, path, label, { signal });
  if (!isTiff(head)) {
    await rm(path, { force: true });
    throw new InvalidProductError('not_an_image', `${url} is what its label says, but it is no TIFF.`);
  }
  return { path, url, checksum: `sha256:${sha256}`, bytes };
}

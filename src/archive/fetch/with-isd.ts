import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isUserFacing } from '../../domain/errors.js';
import { isFileNamePart } from '../../domain/file-name-part.js';
import type { Product } from '../../domain/product.js';
import type { ArchiveSource, FetchRequest, FetchedImage } from '../archive-source.js';
import { download } from './download.js';
import type { HttpClient } from '../http/http-client.js';

/** A camera model of a whole image is 0.1 to 5 MB. */
const MAX_BYTES = 64e6;

export interface IsdOptions {
  /** `https://…`, `http://…` or `file:///…` with {product_id}, {image_id}, {volume_id} and {day}. */
  readonly template: string;
  readonly client: HttpClient;
  /** Told why an image comes without its camera model. */
  readonly onNone?: ((productId: string, reason: string) => void) | undefined;
}

/** Address of a product's camera model. {day} is that of its start, year and day of year. */
export function isdAddress(template: string, product: Product): string {
  const { productId, imageId, volumeId, startTime } = product;
  const year = startTime.getUTCFullYear();
  const dayOfYear = Math.floor((startTime.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
  const values: Readonly<Record<string, string>> = {
    product_id: productId,
    image_id: imageId,
    volume_id: volumeId,
    day: `${year}${String(dayOfYear).padStart(3, '0')}`,
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : encodeURIComponent(value);
  });
}

/**
 * A source whose images come with their camera models from elsewhere. Any trouble with one, passing trouble after
 * the client's own attempts too, leaves the image without: it is placed less well, and not lost.
 */
export function withIsd(source: ArchiveSource, options: IsdOptions): ArchiveSource {
  return {
    id: source.id,
    discover: (state, signal) => source.discover(state, signal),
    ...(source.search && { search: source.search.bind(source) }),
    ...(source.withSearched && { withSearched: source.withSearched.bind(source) }),
    ...(source.news && { news: source.news.bind(source) }),
    fetchImage: async (product, dir, request) => {
      const image = await source.fetchImage(product, dir, request);
      if (image.isd !== null) return image;
      return { ...image, ...(await fetchIsd(product, dir, options, request)) };
    },
    check: (signal) => source.check(signal),
    close: () => source.close(),
  };
}

async function fetchIsd(
  product: Product,
  dir: string,
  { template, client, onNone }: IsdOptions,
  request: FetchRequest | undefined,
): Promise<Pick<FetchedImage, 'isd' | 'isdOptional'>> {
  const none = (reason: string) => {
    onNone?.(product.productId, reason);
    return { isd: null };
  };
  // They become part of a path, here or at the server.
  if (![product.productId, product.imageId, product.volumeId].every(isFileNamePart))
    return none('Its ids are no names that a file could have.');
  const url = isdAddress(template, product);
  if (url.startsWith('file:')) {
    const path = fileURLToPath(url);
    const found = await stat(path).catch(() => null);
    if (found === null) return none(`${path} is not there.`);
    if (found.size > MAX_BYTES) return none(`${path} is no camera model: it has ${found.size} bytes.`);
    return { isd: path, isdOptional: true };
  }
  const path = join(dir, `${product.imageId}_isd.json`);
  try {
    await download(client, url, path, { bytes: null, md5: null }, { signal: request?.signal }, MAX_BYTES);
    return { isd: path, isdOptional: true };
  } catch (error) {
    request?.signal?.throwIfAborted();
    if (!isUserFacing(error)) throw error;
    return none(error.message);
  }
}

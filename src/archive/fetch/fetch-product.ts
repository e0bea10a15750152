import { MissingProductError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import type { FetchRequest, FetchedImage } from '../archive-source.js';
import type { DownloadArea } from './download-area.js';
import { fetchImage, type Access } from './fetch-image.js';
import { fetchImg } from './fetch-img.js';
import type { HttpClient } from '../http/http-client.js';
import { firstOf } from '../http/mirrors.js';

/** Which file of a product: the pyramidal TIFF of EXTRAS/BROWSE, or the product's own `.IMG`. */
export type ImageFile = 'ptif' | 'img';

/** How the images of an archive are fetched. */
export interface ImageOptions {
  readonly access: Access;
  /** The file that is preferred. Default `ptif`. */
  readonly image?: ImageFile;
  /** Most that is downloaded where no label tells the size. Default 4 GiB. */
  readonly maxBytes?: number;
  /** Keeps parts of broken downloads, within a budget. Default: neither. */
  readonly area?: DownloadArea | undefined;
}

/**
 * Fetches a product's preferred file from the first base address that has it, and its other file where all say
 * that the preferred one is not there and the request allows it.
 * @param bases addresses that archive paths follow, each ending in a slash
 * @param dir folder for the file of a download
 * @throws MissingProductError of the preferred file | InvalidProductError | TransientError | OperationalError
 */
export async function fetchProduct(
  client: HttpClient,
  bases: readonly string[],
  product: Pick<Product, 'productId' | 'fileSpecification'>,
  dir: string,
  { access, image = 'ptif', maxBytes = 2 ** 32, area }: ImageOptions,
  { signal, fallback = true }: FetchRequest = {},
): Promise<FetchedImage> {
  const options = { dir, access, area, signal, maxBytes };
  const fetch = (file: ImageFile): Promise<FetchedImage> =>
    firstOf(bases, (base) => (file === 'ptif' ? fetchImage : fetchImg)(client, base, product, options));
  try {
    return await fetch(image);
  } catch (error) {
    if (!fallback || !(error instanceof MissingProductError)) throw error;
    try {
      return await fetch(image === 'ptif' ? 'img' : 'ptif');
    } catch (other) {
      throw other instanceof MissingProductError ? error : other;
    }
  }
}

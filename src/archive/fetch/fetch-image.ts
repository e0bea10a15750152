import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidProductError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import type { FetchedImage } from '../archive-source.js';
import { browsePath } from '../archive-urls.js';
import { parseBrowseLabel, type BrowseLabel } from './browse-label.js';
import { isTiff } from '../http/content-check.js';
import { download } from './download.js';
import type { DownloadArea } from './download-area.js';
import type { HttpClient } from '../http/http-client.js';
import { readText } from '../http/read-text.js';
import { openRemoteBytes } from '../http/remote-bytes.js';

/** How an image is read: downloaded to a file first, or by byte ranges from the server. */
export type Access = 'download' | 'range';

export interface FetchOptions {
  /** Folder for the file of a download. */
  readonly dir: string;
  readonly access: Access;
  /** Keeps parts of broken downloads, within a budget. */
  readonly area?: DownloadArea | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches `<ID>_pyr.xml` (2 kB: size and MD5) and then `<ID>_pyr.tif`.
 * @param base address that the archive path follows, ending in a slash
 * @throws MissingProductError | InvalidProductError | TransientError | OperationalError
 */
export async function fetchImage(
  client: HttpClient,
  base: string,
  product: Pick<Product, 'productId' | 'fileSpecification'>,
  options: FetchOptions,
): Promise<FetchedImage> {
  return fetchLabelled(client, base + browsePath(product), product.productId, options);
}

/**
 * Fetches a browse image that its label describes.
 * @param address of image and label, without `.tif` and `.xml`
 * @throws as `fetchImage`
 */
export async function fetchLabelled(
  client: HttpClient,
  address: string,
  productId: string,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { dir, access, signal } = options;
  const answer = await readText(client, `${address}.xml`, { signal });
  const label = parseBrowseLabel(answer?.text ?? '', productId, `${address}.xml`);
  const url = `${address}.tif`;
  return access === 'range'
    ? openByRanges(client, url, label, signal)
    : downloadImage(client, url, label, join(dir, `${productId}_pyr.tif`), options);
}

async function downloadImage(
  client: HttpClient,
  url: string,
  label: BrowseLabel,
  path: string,
  { signal, area }: FetchOptions,
): Promise<FetchedImage> {
  const { bytes, sha256, head } = await download(client, url, path, label, { signal, area });
  if (!isTiff(head)) {
    await rm(path, { force: true });
    throw noTiff(url);
  }
  return { source: path, url, checksum: `sha256:${sha256}`, bytes, isd: null };
}

async function openByRanges(
  client: HttpClient,
  url: string,
  { bytes, md5 }: BrowseLabel,
  signal: AbortSignal | undefined,
): Promise<FetchedImage> {
  const source = await openRemoteBytes(client, url, { signal, bytes });
  if (!isTiff(await source.read(0, 4))) throw noTiff(url);
  return { source, url, checksum: `md5:${md5}`, bytes, isd: null };
}

function noTiff(url: string): InvalidProductError {
  return new InvalidProductError('not_an_image', `${url} is what its label says, but it is no TIFF.`);
}

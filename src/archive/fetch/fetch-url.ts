import { basename, join } from 'node:path';
import type { ByteSource } from '../../domain/bytes.js';
import { MissingProductError } from '../../domain/errors.js';
import { hideSecrets } from '../../domain/hide-secrets.js';
import { download } from './download.js';
import { fetchLabelled, type FetchOptions } from './fetch-image.js';
import type { HttpClient } from '../http/http-client.js';
import { openRemoteBytes } from '../http/remote-bytes.js';

/** A browse image of the archive, whose label lies beside it. */
const LABELLED = /^(.*\/(M\d{9,10}[LR][EC])_pyr)\.tif$/;

/** A file as it was fetched; see `FetchedImage`. */
export interface FetchedFile {
  readonly source: string | ByteSource;
  /** Without the secrets of a signed address. */
  readonly url: string;
  /** null where nobody tells: read by ranges, and without a label. */
  readonly checksum: string | null;
  readonly bytes: number;
}

/**
 * Fetches an image by its address, as `fetchImage` does where the archive's label lies beside it.
 * @param maxBytes limit of a download whose size is not told
 * @throws MissingProductError | InvalidProductError | TransientError | OperationalError
 */
export async function fetchUrl(
  client: HttpClient,
  url: string,
  options: FetchOptions,
  maxBytes: number,
): Promise<FetchedFile> {
  const { dir, access, area, signal } = options;
  const [, address, productId] = LABELLED.exec(url) ?? [];
  if (address !== undefined && productId !== undefined) {
    try {
      return await fetchLabelled(client, address, productId, options);
    } catch (error) {
      // A copy elsewhere may lie there without its label; an image that is missing is said to be so below.
      if (!(error instanceof MissingProductError)) throw error;
    }
  }
  if (access === 'range') {
    const source = await openRemoteBytes(client, url, { signal });
    return { source, url: hideSecrets(url), checksum: null, bytes: source.size };
  }
  const path = join(dir, fileNameOf(url));
  const { sha256, bytes } = await download(
    client,
    url,
    path,
    { bytes: null, md5: null },
    { signal, area },
    maxBytes,
  );
  return { source: path, url: hideSecrets(url), checksum: `sha256:${sha256}`, bytes };
}

/** What a file is called here: the end of its address, without what a file system could take for more than a name. */
function fileNameOf(url: string): string {
  const name = basename(new URL(url).pathname)
    .replace(/[^\w.-]/g, '_')
    .slice(-100);
  return /^\.*$/.test(name) ? 'image' : name;
}

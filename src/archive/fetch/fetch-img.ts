import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidProductError, MissingProductError, TransientError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import type { FetchedImage } from '../archive-source.js';
import { imgPath } from '../archive-urls.js';
import { parseImgLabel, type FileLabel } from './browse-label.js';
import { download } from './download.js';
import type { FetchOptions } from './fetch-image.js';
import type { HttpClient } from '../http/http-client.js';
import { readText } from '../http/read-text.js';
import { openRemoteBytes } from '../http/remote-bytes.js';

/** Bytes in which an attached label tells the file's size; LROC's labels have some 5 kB. */
const LABEL_BYTES = 16_384;
const PDS3_START = /^(?:CCSD|NJPL)\S*|^PDS_VERSION_ID\s*=/;

export interface ImgOptions extends FetchOptions {
  /** Most that is downloaded where no label tells the size. */
  readonly maxBytes: number;
}

/**
 * Fetches a product's own file, `.IMG`: 8-bit EDR or 16-bit CDR with an attached PDS3 label, up to 530 MB. Size
 * and MD5 come from the PDS4 label beside it. Where that is missing the file's own label tells the least size, and
 * the file is downloaded whatever `access` says, for nothing else tells a checksum.
 * @param base address that the archive path follows, ending in a slash
 * @throws MissingProductError | InvalidProductError | TransientError | OperationalError
 */
export async function fetchImg(
  client: HttpClient,
  base: string,
  product: Pick<Product, 'productId' | 'fileSpecification'>,
  options: ImgOptions,
): Promise<FetchedImage> {
  const { productId } = product;
  const url = base + imgPath(product);
  const { bytes, md5 } = await labelOf(client, url, productId, options.signal);
  if (options.access === 'range' && md5 !== null) {
    const source = await openRemoteBytes(client, url, { signal: options.signal, bytes });
    assertImg(await source.read(0, LABEL_BYTES), { url, productId, bytes: source.size, labelled: true });
    return { source, url, checksum: `md5:${md5}`, bytes: source.size, isd: null };
  }
  const { dir, signal, area, maxBytes } = options;
  const path = join(dir, `${productId}.IMG`);
  const done = await download(client, url, path, { bytes, md5 }, { signal, area }, maxBytes);
  try {
    assertImg(await beginning(path), { url, productId, bytes: done.bytes, labelled: md5 !== null });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return { source: path, url, checksum: `sha256:${done.sha256}`, bytes: done.bytes, isd: null };
}

/** What the label beside the image says of it, if there is one. */
async function labelOf(
  client: HttpClient,
  url: string,
  productId: string,
  signal: AbortSignal | undefined,
): Promise<Pick<FileLabel, 'bytes' | 'md5'>> {
  const labelUrl = url.replace(/\.IMG$/i, '.xml');
  try {
    const answer = await readText(client, labelUrl, { signal });
    return parseImgLabel(answer?.text ?? '', productId, labelUrl);
  } catch (error) {
    if (error instanceof MissingProductError) return { bytes: null, md5: null };
    throw error;
  }
}

async function beginning(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LABEL_BYTES), 0, LABEL_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

interface ImgFacts {
  readonly url: string;
  readonly productId: string;
  readonly bytes: number;
  /** Whether a checksum showed that these are the archive's bytes: then what is wrong stays so. */
  readonly labelled: boolean;
}

/** That a file is this product's image as far as its own label tells; its pixels are checked by who opens it. */
function assertImg(head: Uint8Array, { url, productId, bytes, labelled }: ImgFacts): void {
  const text = Buffer.from(head).toString('latin1');
  if (!PDS3_START.test(text)) {
    if (labelled) throw new InvalidProductError('not_an_image', `${url} does not begin with a PDS3 label.`);
    throw new TransientError(
      'page_for_data',
      `${url} answered something else than an image; it is asked again later.`,
    );
  }
  const id = /^PRODUCT_ID\s*=\s*"?([\w-]+)/m.exec(text)?.[1];
  if (id !== undefined && id !== productId) {
    throw new InvalidProductError('other_label', `${url} is the image ${id}, not ${productId}.`);
  }
  const size = keyword(text, 'RECORD_BYTES') * keyword(text, 'FILE_RECORDS');
  if (bytes < size) {
    const message = `${url} has ${bytes} bytes where its own label says ${size}`;
    if (labelled) throw new InvalidProductError('truncated', `${message}.`);
    throw new TransientError('size_mismatch', `${message}; it is asked again later.`);
  }
}

function keyword(text: string, name: string): number {
  return Number(new RegExp(`^${name}\\s*=\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

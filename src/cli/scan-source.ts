import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ArchiveSource } from '../archive/archive-source.js';
import { baseUrls } from '../archive/archive-urls.js';
import { fetchUrl, type FetchedFile } from '../archive/fetch/fetch-url.js';
import { findProduct } from '../archive/index/find-product.js';
import type { HttpClient } from '../archive/http/http-client.js';
import { readIndexRow } from '../archive/index/index-file.js';
import type { Config } from '../config/schema.js';
import type { ByteSource } from '../domain/bytes.js';
import { MissingProductError, UsageError } from '../domain/errors.js';
import { isNacProductId } from '../domain/image-id.js';
import type { Product } from '../domain/product.js';
import { createDownloadFolder } from '../archive/fetch/download-folder.js';
import type { Logger } from '../telemetry/logger.js';
import { withIsdOf } from './open-archive.js';
import { downloadDir, openArchive, openArea, openHttpClient } from './parts.js';
import { idInName, type ScanTarget } from './scan-target.js';

/** An image that is ready to be opened, with what is known of it. */
export interface ScanSource {
  /** Product or image id, or the file's name where that has none. */
  readonly productId: string;
  readonly source: string | ByteSource;
  /** Its index row, where one was given or found. */
  readonly product: Product | null;
  readonly url: string | null;
  readonly checksum: string | null;
  /** Path of a camera model that came with the image. */
  readonly isd: string | null;
  /** Removes what was downloaded. */
  release(): Promise<void>;
}

/** Brings images of all kinds to where they can be opened, asking the network only when it must. */
export class ScanSources {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #indexFile: string | undefined;
  #http: { readonly client: HttpClient; readonly archive: ArchiveSource } | null = null;

  /** @param indexFile a file with the images' index rows */
  constructor(config: Config, log: Logger, indexFile: string | undefined) {
    this.#config = config;
    this.#log = log;
    this.#indexFile = indexFile;
  }

  /** @throws UsageError | MissingProductError | InvalidProductError | TransientError | OperationalError */
  open(target: ScanTarget, signal: AbortSignal): Promise<ScanSource> {
    if (target.kind === 'file') return this.#file(target.path);
    return target.kind === 'url' ? this.#url(target.url, signal) : this.#product(target.productId, signal);
  }

  async close(): Promise<void> {
    await this.#http?.archive.close();
  }

  async #file(path: string): Promise<ScanSource> {
    const id = idInName(path);
    const product = this.#indexFile === undefined ? null : await readIndexRow(this.#indexFile, id);
    const productId = id ?? product?.productId ?? basename(path);
    return { productId, source: path, product, url: null, checksum: null, isd: null, release: nothing };
  }

  async #product(productId: string, signal: AbortSignal): Promise<ScanSource> {
    const product =
      this.#indexFile === undefined
        ? await this.#find(productId, signal)
        : await readIndexRow(this.#indexFile, productId);
    if (product.productId !== productId)
      throw new UsageError(
        `${this.#indexFile ?? ''} holds ${product.productId}, not ${productId}; give --index its row, or leave --index out.`,
      );
    return this.#withFolder(productId, product, (dir) =>
      this.#opened().archive.fetchImage(product, dir, { signal }),
    );
  }

  async #url(url: string, signal: AbortSignal): Promise<ScanSource> {
    const path = new URL(url).pathname;
    const id = idInName(path);
    const product = await this.#rowOf(url, id, signal);
    const { access, max_mb } = this.#config.archive;
    return this.#withFolder(id ?? product?.productId ?? basename(path), product, (dir) =>
      fetchUrl(
        this.#opened().client,
        url,
        { dir, access, signal, area: openArea(this.#config) },
        max_mb * 1e6,
      ),
    );
  }

  /** The row that was given, or the archive's where the address lies in it; an image can do without. */
  async #rowOf(url: string, id: string | null, signal: AbortSignal): Promise<Product | null> {
    if (this.#indexFile !== undefined) return readIndexRow(this.#indexFile, id);
    const inArchive = baseUrls(this.#config.archive.urls).some((base) => url.startsWith(base));
    if (id === null || !inArchive || !isNacProductId(id)) return null;
    try {
      return await this.#find(id, signal);
    } catch (error) {
      if (!(error instanceof MissingProductError)) throw error;
      this.#log.warn({ url, reason: error.message }, 'Scan:NoIndexRow');
      return null;
    }
  }

  #find(productId: string, signal: AbortSignal): Promise<Product> {
    return findProduct(this.#opened().client, baseUrls(this.#config.archive.urls), productId, signal);
  }

  /** Fetches into a folder of its own, which goes with the image. */
  async #withFolder(
    productId: string,
    product: Product | null,
    fetch: (dir: string) => Promise<Omit<FetchedFile, 'bytes'> & { readonly isd?: string | null }>,
  ): Promise<ScanSource> {
    const dir = await createDownloadFolder(downloadDir(this.#config));
    const release = () => rm(dir, { recursive: true, force: true });
    try {
      const { source, url, checksum, isd = null } = await fetch(dir);
      return { productId, source, product, url, checksum, isd, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  #opened(): { readonly client: HttpClient; readonly archive: ArchiveSource } {
    if (this.#http === null) {
      const client = openHttpClient(this.#config);
      const archive = withIsdOf(this.#config, client, openArchive(this.#config, client), this.#log);
      this.#http = { client, archive };
    }
    return this.#http;
  }
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

import type { ByteSource } from '../domain/bytes.js';
import type { Product } from '../domain/product.js';

/** Where new products come from and how their pixels are fetched. */
export interface ArchiveSource {
  /** Tells archives and data sets apart in what a poller remembers. */
  readonly id: string;
  /**
   * What is new since `state` (null = first start, which begins at the newest volume). Everything is pulled:
   * nothing is asked for before it is iterated. Keep `release.state` once its products are stored.
   * @throws TransientError when the archive cannot be asked now
   * @throws OperationalError when it answers something that is no archive
   */
  discover(state: ArchiveState | null, signal?: AbortSignal): AsyncIterable<VolumeRelease>;
  /**
   * Fetches a product's full-resolution image into `dir`, verified against the archive's own checksum, or opens
   * it for reading by ranges, as configured. Leaves nothing behind when it fails.
   * @throws MissingProductError | InvalidProductError | TransientError | OperationalError
   */
  fetchImage(product: Product, dir: string, signal?: AbortSignal): Promise<FetchedImage>;
  /**
   * One line about the archive, for `check`.
   * @throws OperationalError in one sentence when it does not answer as an archive
   */
  check(signal?: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** What a poller remembers between polls; plain JSON. */
export interface ArchiveState {
  /** Newest volume whose products are stored, e.g. `LROLRC_1067A`. */
  readonly newestVolume: string;
  /** MD5 of that volume's INDEX.LBL: another one means that its rows may have changed. */
  readonly labelMd5: string;
  /** Validators of that label by URL, for conditional requests. */
  readonly validators: Readonly<Record<string, Validator>>;
}

/** What a server said by which a resource can be asked for "if changed". */
export interface Validator {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** One volume that is new, or whose index changed. */
export interface VolumeRelease {
  readonly volumeId: string;
  /** Fetches, verifies and reads INDEX.TAB when iterated; holds one record at a time. */
  readonly products: AsyncIterable<Product>;
  /** Complete once `products` is read to its end. */
  readonly counts: IndexCounts;
  /** To be stored when all products are. */
  readonly state: ArchiveState;
}

/** Records of one INDEX.TAB by what became of them. */
export interface IndexCounts {
  records: number;
  products: number;
  /** Rows of other kinds (wide-angle, calibration, star, Earth images), by kind. */
  passedOver: Record<string, number>;
  /** Rows of the right kind that lack what a scan needs, by reason. */
  invalid: Record<string, number>;
}

/** An image as it was fetched, ready to be opened. */
export interface FetchedImage {
  /**
   * Path of a file that is byte for byte what the archive says it is, or the image's bytes in the archive, read
   * by ranges as they are needed; who opens them closes them.
   */
  readonly source: string | ByteSource;
  /** The archive's public address of it, before redirects. */
  readonly url: string;
  /**
   * `sha256:<hex>` of a file's bytes. `md5:<hex>`: read by ranges, hence never as a whole; the checksum is the
   * one that the archive's label states for the version of that size, not one that was computed here.
   */
  readonly checksum: string;
  readonly bytes: number;
}

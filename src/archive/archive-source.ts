import type { ByteSource } from '../domain/bytes.js';
import type { Product } from '../domain/product.js';
import type { Selection } from '../domain/selection.js';

/** Where new products come from and how their pixels are fetched. */
export interface ArchiveSource {
  /**
   * Tells kinds of source and data sets apart in what a poller remembers; not addresses, which change while the
   * archive stays the same.
   */
  readonly id: string;
  /** What the id began with when an address followed it. */
  readonly formerId?: string;
  /**
   * What is new since `state` (null = first start, which begins at the newest volume). Everything is pulled:
   * nothing is asked for before it is iterated. Keep `release.state` once its products are stored.
   * @param state what the last release of this source gave, after a way through JSON
   * @throws TransientError when the archive cannot be asked now
   * @throws OperationalError when it answers something that is no archive
   */
  discover(state: unknown, signal?: AbortSignal): AsyncIterable<Release>;
  /**
   * All products of a selection, whatever was announced before: at least those that it names, at most those of
   * the volumes or days around them. Absent where a source has nothing but what it announces.
   * @throws as `discover`; UsageError where the selection means nothing to this source
   */
  search?(selection: Selection, signal?: AbortSignal): AsyncIterable<Release>;
  /**
   * What a poller remembers, with releases that were found by a search and stored meanwhile; null stays null, as a
   * first start does not depend on them.
   */
  withSearched?(state: unknown, released: readonly unknown[]): unknown;
  /**
   * Waits until the source knows by itself that there is something new, for sources that can tell; others are
   * only polled.
   */
  news?(signal: AbortSignal): Promise<void>;
  /**
   * Fetches a product's full-resolution image into `dir`, verified against the archive's own checksum, or opens
   * it for reading by ranges, as configured. Leaves nothing in `dir` when it fails.
   * @throws MissingProductError | InvalidProductError | TransientError | OperationalError
   */
  fetchImage(product: Product, dir: string, request?: FetchRequest): Promise<FetchedImage>;
  /**
   * One line about the archive, for `check`.
   * @throws OperationalError in one sentence when it does not answer as an archive
   */
  check(signal?: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

export interface FetchRequest {
  readonly signal?: AbortSignal | undefined;
  /** Whether a product whose preferred file is not there may be read from its other one now. Default true. */
  readonly fallback?: boolean;
}

/** What a server said by which a resource can be asked for "if changed". */
export interface Validator {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What speaks against a product by what the archive says of it. */
export interface Doubt {
  /** Stable: `no_geometry`, `incidence_mismatch`, `corner_order`, `flight_direction`. */
  readonly code: string;
  /** One sentence. */
  readonly reason: string;
  /** Whether it keeps the product from being scanned; else it is only told. */
  readonly skips: boolean;
}

/** A product as an archive announces it. */
export interface Announced {
  readonly product: Product;
  readonly doubt: Doubt | null;
}

/** A batch of products that are new, or may have changed. */
export interface Release {
  /** What people know it by: a volume such as `LROLRC_1067A`, a span of days, a folder. */
  readonly name: string;
  /** Holds one record at a time; what must be fetched for it is fetched when it is iterated. */
  readonly products: AsyncIterable<Announced>;
  /** Complete once `products` is read to its end. */
  readonly counts: IndexCounts;
  /**
   * Whether only products that are known count: a re-read of what was once announced in part, whose other
   * products nobody asked for.
   */
  readonly knownOnly: boolean;
  /** Nothing is new: there are no products, only `state` is to be kept. */
  readonly quiet?: boolean;
  /** To be stored when all products are; plain JSON. */
  readonly state: unknown;
}

/** Records of one INDEX.TAB by what became of them: products, passed over and invalid ones are all. */
export interface IndexCounts {
  records: number;
  /** Announced with nothing that keeps them from being scanned. */
  products: number;
  /** Rows of other kinds (wide-angle, calibration, star, Earth images), by kind. */
  passedOver: Record<string, number>;
  /** Rows of the right kind that lack what a scan needs: by doubt where they are announced, else by column. */
  invalid: Record<string, number>;
  /** Products that are announced although something disagrees, by doubt. */
  warnings: Record<string, number>;
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
  /** Path of a camera model (ISD) that came with the image; null where none did. */
  readonly isd: string | null;
  /** Whether an image whose camera model cannot be used is placed without it, instead of being invalid. */
  readonly isdOptional?: boolean;
}

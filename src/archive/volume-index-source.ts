import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.js';
import { MissingProductError, OperationalError, TransientError, isUserFacing } from '../domain/errors.js';
import type { Product } from '../domain/product.js';
import type {
  ArchiveSource,
  FetchRequest,
  FetchedImage,
  IndexCounts,
  Release,
  Validator,
} from './archive-source.js';
import { baseUrls, indexPath } from './archive-urls.js';
import { DATA_SET_IDS, type DataSet } from './data-set.js';
import { download } from './download.js';
import { fetchProduct, type ImageOptions } from './fetch-product.js';
import type { HttpClient } from './http-client.js';
import { parseIndexLabel, type IndexLayout } from './index-layout.js';
import { emptyCounts, readIndexTable } from './index-table.js';
import { firstOf } from './mirrors.js';
import { readText, type TextAnswer } from './read-text.js';
import { nextVolume, previousVolume, volumeOf } from './volume-calendar.js';

/** Volumes asked on a first start before giving up: the lag of a release is 3-5 months (lroc-archive 1.4). */
const MAX_WALK_BACK = 24;
/** `check` answers within this time, ms. */
const CHECK_TIME_MS = 45_000;

export interface VolumeIndexOptions extends ImageOptions {
  /** Base addresses, tried in order; `<DATA SET>/<VOLUME>/…` follows them. */
  readonly urls: readonly string[];
  readonly dataSet: DataSet;
  readonly client: HttpClient;
  readonly clock: Clock;
  /** INDEX.TAB (up to ~60 MB) is kept here while it is read. */
  readonly tempDir: string;
}

/** What a poller remembers between polls; plain JSON. */
export interface IndexState {
  /** Newest volume whose products are stored, e.g. `LROLRC_1067A`. */
  readonly newestVolume: string;
  /** MD5 of that volume's INDEX.LBL: another one means that its rows may have changed. */
  readonly labelMd5: string;
  /** Validators of that label by URL, for conditional requests. */
  readonly validators: Readonly<Record<string, Validator>>;
}

/** A volume's label as it was found at one of the base addresses. */
interface VolumeLabel {
  readonly volumeId: string;
  readonly base: string;
  readonly url: string;
  readonly answer: TextAnswer;
}

/**
 * Discovery by the volume index: volume names follow a calendar, so the next one is asked for by name until its
 * INDEX.LBL is there; the newest known one is asked whether it changed (lroc-archive, sections 0 and 1.3).
 */
export class VolumeIndexSource implements ArchiveSource {
  readonly id: string;
  readonly #bases: readonly string[];
  readonly #options: VolumeIndexOptions;

  /** @throws UsageError when a base address is not http or https */
  constructor(options: VolumeIndexOptions) {
    this.#bases = baseUrls(options.urls);
    this.#options = options;
    this.id = `${options.dataSet} ${this.#bases[0] ?? ''}`;
  }

  async *discover(given: unknown, signal?: AbortSignal): AsyncGenerator<Release> {
    const state = given as IndexState | null;
    if (state === null) {
      yield this.#release(await this.#newest(signal), signal);
      return;
    }
    const changed = await this.#changed(state, signal);
    if (changed !== null) yield this.#release(changed, signal);
    for (let volumeId = state.newestVolume; ;) {
      volumeId = nextVolume(volumeId, this.#options.dataSet);
      const label = await this.#label(volumeId, { signal });
      if (label === null) return;
      yield this.#release(label, signal);
    }
  }

  /** Id of the newest volume that is there. @throws OperationalError when the archive has none */
  async newestVolume(signal?: AbortSignal): Promise<string> {
    return (await this.#newest(signal)).volumeId;
  }

  /** One volume by its id; null when it is not there. */
  async volume(volumeId: string, signal?: AbortSignal): Promise<Release | null> {
    const label = await this.#label(volumeId, { signal });
    return label && this.#release(label, signal);
  }

  fetchImage(product: Product, dir: string, request?: FetchRequest): Promise<FetchedImage> {
    return fetchProduct(this.#options.client, this.#bases, product, dir, this.#options, request);
  }

  async check(signal?: AbortSignal): Promise<string> {
    const inTime = AbortSignal.timeout(CHECK_TIME_MS);
    try {
      const within = signal === undefined ? inTime : AbortSignal.any([signal, inTime]);
      const { volumeId, base, url, answer } = await this.#newest(within, 0);
      const { rows, recordBytes } = parseIndexLabel(answer.text, url);
      const size = rows === null ? `${recordBytes}-byte records` : `${rows} records of ${recordBytes} bytes`;
      return `archive ${base} answers: newest volume ${volumeId}, ${size}`;
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof OperationalError) throw cause;
      if (!inTime.aborted && !isUserFacing(cause)) throw cause;
      const why = inTime.aborted ? `no answer within ${CHECK_TIME_MS / 1000} s` : (cause as Error).message;
      const message = `the archive ${this.#bases.join(', ')} cannot be read (${why}); check archive.urls.`;
      throw new OperationalError('archive_unreachable', message, { cause });
    }
  }

  close(): Promise<void> {
    this.#options.client.close();
    return Promise.resolve();
  }

  /** Walks back from the calendar's volume of today to the newest one that is there. */
  async #newest(signal?: AbortSignal, retries?: number): Promise<VolumeLabel> {
    const { dataSet, clock } = this.#options;
    const latest = volumeOf(clock.now(), dataSet);
    let volumeId: string | null = latest;
    for (let asked = 0; asked < MAX_WALK_BACK && volumeId !== null; asked++) {
      const label = await this.#label(volumeId, { signal, retries });
      if (label !== null) return label;
      volumeId = previousVolume(volumeId, dataSet);
    }
    const where = this.#bases.join(', ');
    const message = `no ${dataSet.toUpperCase()} volume up to ${latest} was found at ${where}; check archive.urls.`;
    throw new OperationalError('archive_empty', message);
  }

  /** The newest known volume's label if it is another one than at the last poll; null when not. */
  async #changed(state: IndexState, signal?: AbortSignal): Promise<VolumeLabel | null> {
    const label = await this.#label(state.newestVolume, { signal, known: state.validators });
    return label === null || label.answer.md5 === state.labelMd5 ? null : label;
  }

  /** A volume's label; null when the volume is not there, or unchanged since `known`. */
  async #label(
    volumeId: string,
    options: {
      signal?: AbortSignal | undefined;
      retries?: number | undefined;
      known?: IndexState['validators'];
    },
  ): Promise<VolumeLabel | null> {
    const { client, dataSet } = this.#options;
    const { signal, retries, known } = options;
    const path = indexPath(DATA_SET_IDS[dataSet], volumeId, 'INDEX.LBL');
    try {
      const ask = async (base: string): Promise<VolumeLabel | null> => {
        const url = base + path;
        const answer = await readText(client, url, { signal, retries }, known?.[url]);
        return answer && { volumeId, base, url, answer };
      };
      return await firstOf(this.#bases, ask, true);
    } catch (error) {
      if (error instanceof MissingProductError) return null;
      throw error;
    }
  }

  #release({ volumeId, base, url, answer }: VolumeLabel, signal?: AbortSignal): Release {
    const layout = parseIndexLabel(answer.text, url);
    const counts = emptyCounts();
    const next: IndexState = {
      newestVolume: volumeId,
      labelMd5: answer.md5,
      validators: { [url]: answer.validator },
    };
    return {
      name: volumeId,
      counts,
      knownOnly: false,
      products: this.#products(volumeId, base, layout, counts, signal),
      state: next,
    };
  }

  /** Fetches the whole table before its first product: a table that fails its checksum gives none. */
  async *#products(
    volumeId: string,
    base: string,
    layout: IndexLayout,
    counts: IndexCounts,
    signal?: AbortSignal,
  ): AsyncGenerator<Product> {
    const { client, dataSet, tempDir } = this.#options;
    const url = base + indexPath(DATA_SET_IDS[dataSet], volumeId, 'INDEX.TAB');
    const dir = await mkdtemp(join(tempDir, 'selenoscan-index-'));
    try {
      const path = join(dir, 'INDEX.TAB');
      const bytes = layout.rows === null ? null : layout.rows * layout.recordBytes;
      await download(client, url, path, { bytes, md5: layout.md5 }, { signal });
      yield* readIndexTable(path, layout, counts, url);
    } catch (cause) {
      if (!(cause instanceof MissingProductError)) throw cause;
      const message = `${url} is not there yet though its label is; it is asked again later.`;
      throw new TransientError('index_incomplete', message, { cause });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
}

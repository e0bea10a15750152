import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.js';
import { MissingProductError, OperationalError, TransientError, isUserFacing } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import type { Selection } from '../../domain/selection.js';
import type {
  Announced,
  ArchiveSource,
  FetchRequest,
  FetchedImage,
  IndexCounts,
  Release,
} from '../archive-source.js';
import { baseUrls, indexPath } from '../archive-urls.js';
import { reasonOf } from '../check-reason.js';
import { DATA_SET_IDS, type DataSet } from '../data-set.js';
import { download } from '../fetch/download.js';
import { fetchProduct, type ImageOptions } from '../fetch/fetch-product.js';
import type { HttpClient } from '../http/http-client.js';
import { parseIndexLabel, type IndexLayout } from './index-layout.js';
import { emptyCounts, readIndexTable } from './index-table.js';
import { firstOf } from '../http/mirrors.js';
import {
  readIndexState,
  takeAhead,
  takeTurn,
  withReleased,
  withVolume,
  type IndexState,
  type KnownVolume,
} from './index-state.js';
import { readText, type TextAnswer } from '../http/read-text.js';
import { volumesOfSelection } from './volumes-of-selection.js';
import { endOfVolume, nextVolume, previousVolume, volumeOf, volumesBetween } from './volume-calendar.js';

/** Volumes asked on a first start before giving up: the lag of a release is 3-5 months (lroc-archive 1.4). */
const MAX_WALK_BACK = 24;
/**
 * A volume is overdue so long after the end of its time: a month more than the longest lag that was seen
 * (lroc-archive 1.4).
 */
const OVERDUE_MONTHS = 6;
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

/** What is remembered of a volume that a search found. */
type SearchedVolume = Parameters<typeof withVolume>[1];

/** A volume's label as it was found at one of the base addresses. */
interface VolumeLabel {
  readonly volumeId: string;
  readonly base: string;
  readonly url: string;
  readonly answer: TextAnswer;
}

/**
 * Discovery by the volume index: volume names follow a calendar, so the next one is asked for by name until its
 * INDEX.LBL is there, and one that is known is asked in its turn whether it changed: two small requests a poll
 * (lroc-archive, sections 0 and 1.3). While the next one is overdue, one of those after it is asked, too, so that
 * a name that the calendar has and the archive leaves out does not hold up the rest.
 */
export class VolumeIndexSource implements ArchiveSource {
  readonly id: string;
  readonly formerId: string;
  readonly #bases: readonly string[];
  readonly #options: VolumeIndexOptions;

  /** @throws UsageError when a base address is not http or https */
  constructor(options: VolumeIndexOptions) {
    this.#bases = baseUrls(options.urls);
    this.#options = options;
    this.id = `index ${options.dataSet}`;
    this.formerId = options.dataSet;
  }

  async *discover(given: unknown, signal?: AbortSignal): AsyncGenerator<Release> {
    let state = readIndexState(given);
    if (state.newestVolume === null) {
      yield this.#release(await this.#newest(signal), state, signal);
      return;
    }
    // A known volume first, so that one that is new and cannot be read does not keep the others from being asked;
    // and its turn is over before it is taken, so that it does not keep it for ever either.
    const turn = takeTurn(state);
    yield quiet((state = turn.state));
    if (turn.volumeId !== null) {
      const known = state.volumes[turn.volumeId];
      const label = await this.#label(turn.volumeId, { signal, known: known?.validators });
      if (label !== null && known?.labelMd5 === label.answer.md5) {
        const validators = validatorsOf(label);
        yield quiet((state = withReleased(state, label.volumeId, { ...known, validators }, [])));
      } else if (label !== null) {
        const release = this.#release(label, state, signal);
        state = release.state;
        yield release;
      }
    }
    for await (const [release] of this.#newer(state, state.newestVolume ?? '', signal)) yield release;
  }

  /** Volumes released since the newest known one, each with the state after it. */
  async *#newer(
    state: IndexState,
    newestVolume: string,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly [Release, IndexState]> {
    const { dataSet } = this.#options;
    for (let newest = newestVolume; ;) {
      const next = nextVolume(newest, dataSet);
      let label = await this.#label(next, { signal });
      if (label === null) {
        const ahead = takeAhead(state, this.#ahead(next));
        if (ahead.volumeId === null) return;
        state = ahead.state;
        yield [quiet(state), state];
        label = await this.#label(ahead.volumeId, { signal });
        if (label === null) return;
      }
      const release = this.#release(label, state, signal, volumesBetween(newest, label.volumeId, dataSet));
      state = release.state;
      newest = label.volumeId;
      yield [release, state];
    }
  }

  /** The volumes beyond one that is overdue, up to the calendar's volume of today. */
  #ahead(volumeId: string): string[] {
    const { dataSet, clock } = this.#options;
    const due = endOfVolume(volumeId, dataSet);
    due.setUTCMonth(due.getUTCMonth() + OVERDUE_MONTHS);
    const now = clock.now();
    return now < due ? [] : volumesBetween(volumeId, volumeOf(now, dataSet), dataSet);
  }

  /** Id of the newest volume that is there. @throws OperationalError when the archive has none */
  async newestVolume(signal?: AbortSignal): Promise<string> {
    return (await this.#newest(signal)).volumeId;
  }

  /** One volume by its id; null when it is not there. */
  async volume(volumeId: string, signal?: AbortSignal): Promise<Release | null> {
    const label = await this.#label(volumeId, { signal });
    return label && this.#release(label, readIndexState(null), signal);
  }

  async *search(selection: Selection, signal?: AbortSignal): AsyncGenerator<Release> {
    const { dataSet } = this.#options;
    const newest = await this.newestVolume(signal);
    for (const volumeId of volumesOfSelection(selection, newest, dataSet)) {
      const label = await this.#label(volumeId, { signal });
      if (label === null) continue;
      const state: SearchedVolume = {
        volumeId,
        labelMd5: label.answer.md5,
        validators: validatorsOf(label),
        whole: false,
      };
      yield { ...this.#release(label, readIndexState(null), signal), state };
    }
  }

  withSearched(stored: unknown, released: readonly unknown[]): IndexState | null {
    if (stored === null) return null;
    return (released as readonly SearchedVolume[]).reduce(
      (state, volume) => withVolume(state, volume),
      readIndexState(stored),
    );
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
      const why = inTime.aborted ? `no answer within ${CHECK_TIME_MS / 1000} s` : reasonOf(cause as Error);
      const message = `the archive ${this.#bases.join(', ')} cannot be read: ${why}; check archive.urls.`;
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

  /** A volume's label; null when the volume is not there, or unchanged since `known`. */
  async #label(
    volumeId: string,
    options: {
      signal?: AbortSignal | undefined;
      retries?: number | undefined;
      known?: KnownVolume['validators'] | undefined;
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

  /** @param between volumes after the newest known one up to this, of which the others are not there */
  #release(
    label: VolumeLabel,
    state: IndexState,
    signal?: AbortSignal,
    between: readonly string[] = [],
  ): Release & { readonly state: IndexState } {
    const { volumeId, base, url, answer } = label;
    const layout = parseIndexLabel(answer.text, url);
    const counts = emptyCounts();
    const whole = state.volumes[volumeId]?.whole ?? true;
    const isNewer = state.newestVolume === null || volumeId > state.newestVolume;
    const known = { labelMd5: answer.md5, whole: whole || isNewer, validators: validatorsOf(label) };
    return {
      name: volumeId,
      counts,
      knownOnly: !known.whole,
      products: this.#products(volumeId, base, layout, counts, signal),
      state: withReleased(
        state,
        volumeId,
        known,
        between.filter((id) => id !== volumeId),
      ),
    };
  }

  /** Fetches the whole table before its first product: a table that fails its checksum gives none. */
  async *#products(
    volumeId: string,
    base: string,
    layout: IndexLayout,
    counts: IndexCounts,
    signal?: AbortSignal,
  ): AsyncGenerator<Announced> {
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

/** Nothing new: what to remember all the same. */
function quiet(state: IndexState): Release {
  const products: AsyncIterable<Announced> = (async function* () {})();
  return { name: '', products, counts: emptyCounts(), knownOnly: true, quiet: true, state };
}

function validatorsOf({ url, answer }: VolumeLabel): KnownVolume['validators'] {
  return { [url]: answer.validator };
}

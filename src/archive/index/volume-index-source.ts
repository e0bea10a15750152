import type { Clock } from '../../domain/clock.js';
import { OperationalError, isUserFacing } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import type { Selection } from '../../domain/selection.js';
import type { Announced, ArchiveSource, FetchRequest, FetchedImage, Release } from '../archive-source.js';
import { baseUrls } from '../archive-urls.js';
import { reasonOf } from '../check-reason.js';
import { fetchProduct, type ImageOptions } from '../fetch/fetch-product.js';
import { parseIndexLabel } from './index-layout.js';
import { emptyCounts } from './index-table.js';
import {
  readIndexState,
  takeAhead,
  takeTurn,
  withReleased,
  withVolume,
  type IndexState,
} from './index-state.js';
import { VolumeFiles, validatorsOf, type VolumeFilesOptions, type VolumeLabel } from './volume-files.js';
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

export interface VolumeIndexOptions extends ImageOptions, VolumeFilesOptions {
  /** Base addresses, tried in order; `<DATA SET>/<VOLUME>/…` follows them. */
  readonly urls: readonly string[];
  readonly clock: Clock;
}

/** What is remembered of a volume that a search found. */
type SearchedVolume = Parameters<typeof withVolume>[1];

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
  readonly #files: VolumeFiles;

  /** @throws UsageError when a base address is not http or https */
  constructor(options: VolumeIndexOptions) {
    this.#bases = baseUrls(options.urls);
    this.#options = options;
    this.#files = new VolumeFiles(this.#bases, options);
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
      const label = await this.#files.label(turn.volumeId, { signal, known: known?.validators });
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
      let label = await this.#files.label(next, { signal });
      if (label === null) {
        const ahead = takeAhead(state, this.#ahead(next));
        if (ahead.volumeId === null) return;
        state = ahead.state;
        yield [quiet(state), state];
        label = await this.#files.label(ahead.volumeId, { signal });
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
    const label = await this.#files.label(volumeId, { signal });
    return label && this.#release(label, readIndexState(null), signal);
  }

  async *search(selection: Selection, signal?: AbortSignal): AsyncGenerator<Release> {
    const { dataSet } = this.#options;
    const newest = await this.newestVolume(signal);
    for (const volumeId of volumesOfSelection(selection, newest, dataSet)) {
      const label = await this.#files.label(volumeId, { signal });
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
      const label = await this.#files.label(volumeId, { signal, retries });
      if (label !== null) return label;
      volumeId = previousVolume(volumeId, dataSet);
    }
    const where = this.#bases.join(', ');
    const message = `no ${dataSet.toUpperCase()} volume up to ${latest} was found at ${where}; check archive.urls.`;
    throw new OperationalError('archive_empty', message);
  }

  /** @param between volumes after the newest known one up to this, of which the others are not there */
  #release(
    label: VolumeLabel,
    state: IndexState,
    signal?: AbortSignal,
    between: readonly string[] = [],
  ): Release & { readonly state: IndexState } {
    const { volumeId, url, answer } = label;
    const layout = parseIndexLabel(answer.text, url);
    const counts = emptyCounts();
    const whole = state.volumes[volumeId]?.whole ?? true;
    const isNewer = state.newestVolume === null || volumeId > state.newestVolume;
    const known = { labelMd5: answer.md5, whole: whole || isNewer, validators: validatorsOf(label) };
    return {
      name: volumeId,
      counts,
      knownOnly: !known.whole,
      products: this.#files.products(label, layout, counts, signal),
      state: withReleased(
        state,
        volumeId,
        known,
        between.filter((id) => id !== volumeId),
      ),
    };
  }
}

/** Nothing new: what to remember all the same. */
function quiet(state: IndexState): Release {
  const products: AsyncIterable<Announced> = (async function* () {})();
  return { name: '', products, counts: emptyCounts(), knownOnly: true, quiet: true, state };
}

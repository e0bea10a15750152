import type { Clock } from '../../domain/clock.js';
import { OperationalError, TransientError, isUserFacing } from '../../domain/errors.js';
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
import type { DataSet } from '../data-set.js';
import type { HttpClient } from '../http/http-client.js';
import { reasonOf } from '../check-reason.js';
import { countIn, emptyCounts } from '../index/index-table.js';
import { countOf, productsOf, setOf, type OdeResults, type OdeSet } from './ode-answer.js';
import { OdeClient } from './ode-client.js';
import { parseProduct } from './ode-product.js';
import type { OdeParameters } from './ode-query.js';
import { productIdOf } from './ode-record.js';
import { parseState, type OdeState } from './ode-state.js';
import { boxParameters, windowsOfSelection } from './ode-selection.js';
import { dayOf, windowName, windowParameters, type OdeWindow } from './ode-window.js';
import { planPoll } from './plan-poll.js';
import { readPages, type PageReply } from './read-pages.js';

/** ODE's product types of the NAC; without the 4 they are an "Invalid IIPT". */
const PRODUCT_TYPES: Readonly<Record<DataSet, string>> = { cdr: 'CDRNAC4', edr: 'EDRNAC4' };
/** Products with their files that an answer mostly holds whole. */
const LARGEST_PAGE = 100;
/** `check` answers within this time, ms. */
const CHECK_TIME_MS = 45_000;

export interface OdeSourceOptions {
  /** Address of the ODE REST service (archive.ode). */
  readonly url: string;
  readonly dataSet: DataSet;
  readonly client: HttpClient;
  readonly clock: Clock;
  /** Further attempts after passing trouble (archive.retries): the client's own are not used for ODE. */
  readonly retries: number;
  /** Fetches the images: ODE only tells of them. */
  readonly images: Pick<ArchiveSource, 'fetchImage'>;
}

/**
 * Discovery by the REST service of the Orbital Data Explorer (lroc-archive, section 4). It tells less of a product
 * than the volume index, and sooner or later than it; images come from the archive as ever.
 */
export class OdeSource implements ArchiveSource {
  readonly id: string;
  readonly #options: OdeSourceOptions;
  readonly #ode: OdeClient;
  readonly #set: OdeParameters;

  constructor(options: OdeSourceOptions) {
    const { dataSet } = options;
    this.#options = options;
    this.#ode = new OdeClient(options);
    this.#set = { query: 'product', target: 'moon', ihid: 'LRO', iid: 'LROC', pt: PRODUCT_TYPES[dataSet] };
    this.id = `ode ${dataSet}`;
  }

  async *discover(given: unknown, signal?: AbortSignal): AsyncGenerator<Release> {
    const state = parseState(given);
    if (state !== null && state.pending.length > 0) yield* this.#releases(state, 0, signal);
    const known = state && { ...state, pending: [] };
    const plan = await planPoll(this.#counts(signal), known, this.#options.clock.now());
    if (plan === null) return;
    // What was counted is kept before anything is read, so that a poll that is cut short is gone on with.
    if (plan.state.pending.length > 0) yield quiet(plan.state);
    yield* this.#releases(plan.state, plan.older, signal);
  }

  async *search(selection: Selection, signal?: AbortSignal): AsyncGenerator<Release> {
    const { newest } = await this.#counts(signal).set();
    const last = newest ?? dayOf(this.#options.clock.now());
    const place = boxParameters(selection.box);
    for (const window of windowsOfSelection(selection, last, this.#options.dataSet)) {
      const counts = emptyCounts();
      const products = this.#products(window, counts, signal, place);
      yield { name: `ODE ${windowName(window)}`, counts, knownOnly: false, products, state: null };
    }
  }

  fetchImage(product: Product, dir: string, request?: FetchRequest): Promise<FetchedImage> {
    return this.#options.images.fetchImage(product, dir, request);
  }

  async check(signal?: AbortSignal): Promise<string> {
    const { url } = this.#options;
    const inTime = AbortSignal.timeout(CHECK_TIME_MS);
    try {
      const within = signal === undefined ? inTime : AbortSignal.any([signal, inTime]);
      const counts = this.#counts(within, 0);
      const { newest } = await counts.set();
      const products = await counts.count();
      const set = PRODUCT_TYPES[this.#options.dataSet];
      return `ODE ${url} answers: ${products} products of ${set}, newest observation ${newest ?? 'not told'}`;
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof OperationalError) throw cause;
      if (!inTime.aborted && !isUserFacing(cause)) throw cause;
      const why = inTime.aborted ? `no answer within ${CHECK_TIME_MS / 1000} s` : reasonOf(cause as Error);
      const message = `ODE ${url} cannot be read: ${why}; check archive.ode.`;
      throw new OperationalError('archive_unreachable', message, { cause });
    }
  }

  close(): Promise<void> {
    this.#options.client.close();
    return Promise.resolve();
  }

  /** One release for each pending window, which its state then lacks; without any, one that only keeps the state. */
  *#releases(state: OdeState, older: number, signal?: AbortSignal): Generator<Release> {
    const { pending } = state;
    const countsWith = (more: number): IndexCounts => ({
      ...emptyCounts(),
      passedOver: more > 0 ? { 'older observation': more } : {},
    });
    if (pending.length === 0) {
      const name = `ODE ${state.total} products`;
      yield { name, counts: countsWith(older), knownOnly: false, products: none(), state };
    }
    for (const [n, window] of pending.entries()) {
      const counts = countsWith(n === 0 ? older : 0);
      yield {
        name: `ODE ${windowName(window)}`,
        counts,
        // What was made anew may be of any age: what nobody asked for before is left to backfill.
        knownOnly: window.by === 'creation',
        products: this.#products(window, counts, signal),
        state: { ...state, pending: pending.slice(n + 1) },
      };
    }
  }

  async *#products(
    window: OdeWindow,
    counts: IndexCounts,
    signal?: AbortSignal,
    place: OdeParameters = {},
  ): AsyncGenerator<Announced> {
    const total = await this.#counts(signal, undefined, place).count(window);
    if (total === 0) return;
    const pages = readPages<unknown>({
      ask: (page) => this.#page({ ...windowParameters(window), ...place }, page, signal),
      keyOf: (record) => productIdOf(record) || JSON.stringify(record),
      total,
      largestPage: LARGEST_PAGE,
    });
    for await (const page of pages) {
      for (const record of page) {
        const announced = countIn(counts, parseProduct(record, this.#options.dataSet));
        if (announced !== null) yield announced;
      }
    }
  }

  /** Files, metadata and ids; with the count, which tells of changes. */
  async #page(
    which: OdeParameters,
    { limit, offset }: { limit: number; offset: number },
    signal?: AbortSignal,
  ): Promise<PageReply<unknown>> {
    const reply = await this.#ode.ask(
      {
        ...this.#set,
        ...which,
        results: 'fmpc',
        limit: String(limit),
        ...(offset > 0 ? { offset: String(offset) } : {}),
      },
      signal,
    );
    if (reply.kind === 'too-much') return reply;
    const { results, url } = reply;
    return { kind: 'page', items: productsOf(results), count: countOf(results), url };
  }

  #counts(signal?: AbortSignal, retries?: number, place: OdeParameters = {}) {
    const ask = (parameters: OdeParameters) => this.#ask(parameters, signal, retries);
    return {
      set: async (): Promise<OdeSet> => {
        const pt = PRODUCT_TYPES[this.#options.dataSet];
        const { results, url } = await ask({ query: 'iipt', odemetadb: 'moon' });
        const set = setOf(results, pt);
        if (set !== null) return set;
        throw new OperationalError(
          'ode_set',
          `${url} lists no products ${pt} of LRO LROC; check archive.ode, or discover by archive.source: index.`,
        );
      },
      count: async (...windows: readonly OdeWindow[]): Promise<number> => {
        const times = Object.assign({}, ...windows.map(windowParameters)) as OdeParameters;
        const { results, url } = await ask({ ...this.#set, ...times, ...place, results: 'c' });
        const count = countOf(results);
        if (count !== null) return count;
        throw new OperationalError('ode_answer', `${url} told no Count; check archive.ode.`);
      },
    };
  }

  async #ask(
    parameters: OdeParameters,
    signal?: AbortSignal,
    retries?: number,
  ): Promise<{ results: OdeResults; url: string }> {
    const reply = await this.#ode.ask(parameters, signal, retries);
    if (reply.kind === 'answer') return reply;
    throw new TransientError('ode_truncated', `${reply.url} answered ${reply.why}; it is asked again later.`);
  }
}

/** What to remember, and nothing to announce. */
function quiet(state: OdeState): Release {
  return { name: '', counts: emptyCounts(), knownOnly: true, products: none(), quiet: true, state };
}

async function* none(): AsyncGenerator<never> {
  // Nothing to announce.
}

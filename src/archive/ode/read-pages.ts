import { TransientError } from '../../domain/errors.js';
import { PageSize } from './page-size.js';

/** A page of a list, or that it was too much for one answer. */
export type PageReply<T> =
  | {
      readonly kind: 'page';
      readonly items: readonly T[];
      /** Length of the whole list at the time of the answer; null where it is not told. */
      readonly count: number | null;
      readonly url: string;
    }
  | { readonly kind: 'too-much'; readonly why: string; readonly url: string };

export interface PageOptions<T> {
  readonly ask: (page: { readonly limit: number; readonly offset: number }) => Promise<PageReply<T>>;
  /** Tells items apart. */
  readonly keyOf: (item: T) => string;
  /** Length of the list as it was counted before. */
  readonly total: number;
  readonly largestPage: number;
}

/** Times a list is read from its start because it changed meanwhile. */
const MOST_PASSES = 5;
/** Steps back within a list whose items moved. */
const MOST_STEPS_BACK = 50;

/**
 * Reads a list that is given by limit and offset and may change while it is read. Every page begins with the last
 * item of the one before: where that is not so, items were removed, and the reading steps back until it meets a
 * known one. A list whose length changed is read once more from its start, for what came in before the place that
 * was reached. Each item is given once; what is in the list all the time is given. Memory: a page and the keys.
 *
 * What comes in before the place reached while as much goes away elsewhere, between two requests, is not seen; nor
 * is a removal while pages are of one item, unless the length tells.
 * @yields items not given before, a page at a time
 * @throws TransientError when a single item is too much, or the list does not settle
 */
export async function* readPages<T>(options: PageOptions<T>): AsyncGenerator<readonly T[]> {
  const { ask, keyOf, largestPage } = options;
  const seen = new Set<string>();
  const size = new PageSize(largestPage);
  let { total } = options;
  let stepsBack = 0;
  let url = '';
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let count: number | null = null;
    let steady = true;
    let step = largestPage;
    let offset = 0;
    for (;;) {
      const overlap = offset > 0 && size.limit > 1 ? 1 : 0;
      const page = await ask({ limit: size.limit, offset: offset - overlap });
      url = page.url;
      if (page.kind === 'too-much') {
        if (size.limit === 1) throw tooMuch(page);
        size.shrink();
        continue;
      }
      size.succeeded();
      const told = lengthOf(page, total);
      if (offset > 0 && told !== count) steady = false;
      count = told;
      const first = page.items[0];
      if (overlap === 1 && (first === undefined || !seen.has(keyOf(first)))) {
        if (++stepsBack > MOST_STEPS_BACK) throw unsettled(url);
        steady = false;
        offset = Math.max(0, offset - step);
        step *= 2;
        continue;
      }
      const fresh: T[] = [];
      for (const item of page.items) {
        const key = keyOf(item);
        if (seen.has(key)) continue;
        seen.add(key);
        fresh.push(item);
      }
      if (fresh.length > 0) yield fresh;
      const reached = offset - overlap + page.items.length;
      // An end that was counted saves the request that would show it.
      const end = reached <= offset || (count !== null && reached >= count);
      offset = Math.max(offset, reached);
      if (end) break;
    }
    // By places, not by keys: a list may hold an item twice.
    if (steady && (count === null || offset >= count)) return;
    total = count ?? total;
  }
  throw unsettled(url);
}

/**
 * Length of the list by a page. It was not seen whether ODE counts the list or the page: a count that equals the
 * page and is below what was counted before may be either, and tells nothing.
 */
function lengthOf<T>(page: { items: readonly T[]; count: number | null }, total: number): number | null {
  const { items, count } = page;
  return count !== null && (count > items.length || (count === items.length && count >= total))
    ? count
    : null;
}

function tooMuch({ url, why }: { url: string; why: string }): TransientError {
  return new TransientError(
    'ode_truncated',
    `${url} answered ${why}, even for a single product; it is asked again later.`,
  );
}

function unsettled(url: string): TransientError {
  return new TransientError(
    'ode_unsettled',
    `The list of products changed again and again while it was read (last by ${url}); it is asked again later.`,
  );
}

import { createRandom } from '../domain/random.js';
import { SentWorth, type RankedThings, type RankItem } from './rank-order.js';

/** What one order of sending gives. */
export interface SendingCurve {
  /** Cumulative over the order, one entry an item. */
  readonly bytes: Float64Array;
  readonly worth: Float64Array;
  /** Labelled objects that were sent; all 0 where none are labelled. */
  readonly objects: Float64Array;
}

/** What an order sends within a budget. */
export interface SentWithin {
  readonly items: number;
  readonly bytes: number;
  readonly worth: number;
  readonly objects: number;
}

/**
 * Follows an order to its end.
 * @param objectsOf labelled objects that an item shows
 */
export function sendingCurve(
  order: readonly number[],
  items: readonly RankItem[],
  things: RankedThings,
  objectsOf: readonly (readonly number[])[],
): SendingCurve {
  const sent = new SentWorth(things);
  const seen = new Set<number>();
  const curve = {
    bytes: new Float64Array(order.length),
    worth: new Float64Array(order.length),
    objects: new Float64Array(order.length),
  };
  let bytes = 0;
  for (const [place, item] of order.entries()) {
    bytes += items[item]!.bytes;
    sent.send(items[item]!);
    for (const object of objectsOf[item] ?? []) seen.add(object);
    curve.bytes[place] = bytes;
    curve.worth[place] = sent.total;
    curve.objects[place] = seen.size;
  }
  return curve;
}

/** An order as someone would send it: one after the other, what does not fit any more left out. */
export function sentWithin(
  order: readonly number[],
  budget: number,
  items: readonly RankItem[],
  things: RankedThings,
  objectsOf: readonly (readonly number[])[],
): SentWithin {
  let left = budget;
  const fitting = order.filter((item) => {
    const fits = items[item]!.bytes <= left;
    if (fits) left -= items[item]!.bytes;
    return fits;
  });
  const curve = sendingCurve(fitting, items, things, objectsOf);
  const last = fitting.length - 1;
  return {
    items: fitting.length,
    bytes: curve.bytes[last] ?? 0,
    worth: curve.worth[last] ?? 0,
    objects: curve.objects[last] ?? 0,
  };
}

/** `count` items in random orders. */
export function randomOrders(count: number, orders: number, seed: number): number[][] {
  const random = createRandom(seed);
  return Array.from({ length: orders }, () => {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  });
}

/** What a curve has reached once so many bytes are sent; ascending `at`. */
export function reachedAt(curve: SendingCurve, what: 'worth' | 'objects', at: readonly number[]): number[] {
  const { bytes, [what]: values } = curve;
  let place = -1;
  return at.map((limit) => {
    while (place + 1 < bytes.length && bytes[place + 1]! <= limit) place++;
    return values[place] ?? 0;
  });
}

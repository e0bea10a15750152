/** What can be sent: an image, or a tile. */
export interface RankItem {
  /** Unlike every other's: decides where worth does not. */
  readonly name: string;
  /** Above 0. */
  readonly bytes: number;
  /** What it shows: indices of `RankedThings`, each once. */
  readonly shows: readonly number[];
}

/** What items show. Things of one group are near-duplicates. */
export interface RankedThings {
  /** Of each thing alone, 0 or more. */
  readonly worth: Float64Array;
  readonly group: Int32Array;
}

/** An item in its place. */
export interface Ranked {
  /** Index of the item. */
  readonly item: number;
  /** What it adds to all that comes before it. */
  readonly worth: number;
  readonly cumulativeBytes: number;
  readonly withinBudget: boolean;
}

/**
 * Worth of what was sent: over groups of near-duplicates, the root of the sum of squares of the worths of the
 * things shown. A thing that is shown again adds nothing, the n-th of equal things about 1 / (2 √n) of its worth.
 * It grows with what is sent, and each item adds the less the more was sent before (it is submodular).
 */
export class SentWorth {
  readonly #things: RankedThings;
  readonly #shown: Uint8Array;
  readonly #squares: Float64Array;
  total = 0;

  constructor(things: RankedThings) {
    this.#things = things;
    this.#shown = new Uint8Array(things.worth.length);
    this.#squares = new Float64Array(things.group.reduce((most, group) => Math.max(most, group + 1), 0));
  }

  /** What an item would add. */
  gain({ shows }: RankItem): number {
    const added = new Map<number, number>();
    for (const thing of shows) {
      if (this.#shown[thing] === 1) continue;
      const group = this.#things.group[thing]!;
      added.set(group, (added.get(group) ?? 0) + this.#things.worth[thing]! ** 2);
    }
    let gain = 0;
    for (const [group, square] of added) {
      const before = this.#squares[group]!;
      // sqrt(before + square) - sqrt(before), without losing digits.
      if (square > 0) gain += square / (Math.sqrt(before + square) + Math.sqrt(before));
    }
    return gain;
  }

  /** Sends an item. @returns what it added */
  send(item: RankItem): number {
    const gain = this.gain(item);
    for (const thing of item.shows) {
      if (this.#shown[thing] === 1) continue;
      this.#shown[thing] = 1;
      const group = this.#things.group[thing]!;
      this.#squares[group] = this.#squares[group]! + this.#things.worth[thing]! ** 2;
    }
    this.total += gain;
    return gain;
  }
}

/**
 * Orders items by how much each is worth sending next.
 *
 * Within the budget the better of two greedy orders, by worth per byte and by worth: it is worth at least
 * (1 - 1/e) / 2 = 32 % of the best choice there can be (Leskovec et al. 2007, Cost-effective Outbreak Detection,
 * KDD), and mostly nearly all. What does not fit follows by worth per byte. Gains only shrink as more is sent, so
 * that each is reckoned anew only when it comes to the top (their CELF). The order of `items` has no influence.
 *
 * @param budget bytes
 */
export function rankItems(items: readonly RankItem[], things: RankedThings, budget: number): Ranked[] {
  const orders = [
    greedy(items, things, budget, (gain, { bytes }) => gain / bytes),
    greedy(items, things, budget, (gain) => gain),
  ];
  const [byRate, byWorth] = orders as [Order, Order];
  const { sent, worth, rest } = byWorth.worth.total > byRate.worth.total ? byWorth : byRate;
  const after = greedy(items, things, Infinity, (gain, { bytes }) => gain / bytes, { worth, only: rest });
  const ranked: Ranked[] = [];
  let cumulativeBytes = 0;
  for (const [withinBudget, part] of [
    [true, sent],
    [false, after.sent],
  ] as const) {
    for (const { item, gain } of part) {
      cumulativeBytes += items[item]!.bytes;
      ranked.push({ item, worth: gain, cumulativeBytes, withinBudget });
    }
  }
  return ranked;
}

interface Order {
  readonly sent: { readonly item: number; readonly gain: number }[];
  readonly worth: SentWorth;
  /** Items that did not fit. */
  readonly rest: readonly number[];
}

function greedy(
  items: readonly RankItem[],
  things: RankedThings,
  budget: number,
  priority: (gain: number, item: RankItem) => number,
  from: { readonly worth: SentWorth; readonly only: readonly number[] } = {
    worth: new SentWorth(things),
    only: [...items.keys()],
  },
): Order {
  const { worth } = from;
  const alone = new SentWorth(things);
  const queue = new Queue(
    from.only.map((item) => {
      const its = items[item]!;
      return {
        item,
        name: its.name,
        priority: priority(worth.gain(its), its),
        alone: priority(alone.gain(its), its),
      };
    }),
  );
  const sent: Order['sent'] = [];
  const rest: number[] = [];
  let left = budget;
  for (let top = queue.first; top !== null; top = queue.first) {
    const its = items[top.item]!;
    if (its.bytes > left) {
      rest.push(top.item);
      queue.removeFirst();
      continue;
    }
    const now = priority(worth.gain(its), its);
    if (now < top.priority) {
      queue.lowerFirst(now);
      continue;
    }
    queue.removeFirst();
    sent.push({ item: top.item, gain: worth.send(its) });
    left -= its.bytes;
  }
  return { sent, worth, rest };
}

interface Entry {
  readonly item: number;
  readonly name: string;
  priority: number;
  /** Priority if nothing had been sent: orders what adds nothing any more. */
  readonly alone: number;
}

/** A binary heap, the item to send next on top. */
class Queue {
  readonly #heap: Entry[];

  constructor(entries: Entry[]) {
    this.#heap = entries;
    for (let i = (entries.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  get first(): Entry | null {
    return this.#heap[0] ?? null;
  }

  removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  lowerFirst(priority: number): void {
    this.#heap[0]!.priority = priority;
    this.#sink(0);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    for (let i = from; ;) {
      let top = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && isBefore(heap[child]!, heap[top]!)) top = child;
      if (top === i) return;
      [heap[i], heap[top]] = [heap[top]!, heap[i]!];
      i = top;
    }
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.alone !== b.alone) return a.alone > b.alone;
  return a.name < b.name;
}

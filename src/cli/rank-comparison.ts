import { randomOrders, sentWithin, type SentWithin } from '../evaluation/rank-curve.js';
import type { RankRow } from '../evaluation/rank-items.js';
import type { Ranked, RankedThings } from '../evaluation/rank-order.js';

/** Random orders that the mean is of. */
export const RANDOM_ORDERS = 10;

/** What a budget sends in each order. */
export interface Compared {
  readonly ranked: SentWithin;
  readonly file_order: SentWithin;
  /** Mean of random orders. */
  readonly random: Readonly<Record<keyof SentWithin, number>>;
}

/** @param budget bytes */
export function compareOrders(
  ranked: readonly Ranked[],
  rows: readonly RankRow[],
  things: RankedThings,
  budget: number,
): Compared {
  const objects = rows.map((row) => row.objects);
  const within = (order: readonly number[]) => sentWithin(order, budget, rows, things, objects);
  const random = randomOrders(rows.length, RANDOM_ORDERS, 1).map(within);
  const mean = (what: keyof SentWithin): number =>
    random.reduce((sum, sent) => sum + sent[what], 0) / random.length;
  return {
    ranked: within(ranked.filter(({ withinBudget }) => withinBudget).map(({ item }) => item)),
    file_order: within([...rows.keys()]),
    random: { items: mean('items'), bytes: mean('bytes'), worth: mean('worth'), objects: mean('objects') },
  };
}

/** What the command prints. */
export function summaryOf({
  unit,
  items,
  bytes,
  budget,
  objects,
  within_budget,
  out,
  figures,
}: {
  readonly unit: string;
  readonly items: number;
  readonly bytes: number;
  readonly budget: number;
  readonly objects?: number;
  readonly within_budget: Compared;
  readonly out: string;
  readonly figures: readonly string[];
}): string[] {
  const row = (name: string, sent: SentWithin): string =>
    [
      name.padEnd(10),
      sent.items.toFixed(0).padStart(8),
      `${(sent.bytes / 1e6).toFixed(2)} MB`.padStart(12),
      sent.worth.toFixed(2).padStart(18),
      ...(objects === undefined ? [] : [`${Number(sent.objects.toFixed(1))} of ${objects}`.padStart(17)]),
    ].join('  ');
  return [
    `${items} ${unit} of ${(bytes / 1e6).toFixed(2)} MB; the budget is ${(budget / 1e6).toFixed(2)} MB`,
    `${''.padEnd(10)}  ${unit.padStart(8)}  ${'bytes'.padStart(12)}  expected anomalies${objects === undefined ? '' : '  labelled objects'}`,
    row('ranked', within_budget.ranked),
    row('file order', within_budget.file_order),
    row('random', within_budget.random),
    `Written to ${[out, ...figures].join(', ')}.`,
  ];
}

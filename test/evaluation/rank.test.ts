import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupAlike } from '../../src/evaluation/rank-alike.js';
import { randomOrders, reachedAt, sendingCurve, sentWithin } from '../../src/evaluation/rank-curve.js';
import {
  allSightings,
  imageItems,
  thingsOf,
  tileItems,
  type ScoredImage,
} from '../../src/evaluation/rank-items.js';
import { rankItems, SentWorth, type RankedThings, type RankItem } from '../../src/evaluation/rank-order.js';
import { findSightings } from '../../src/evaluation/rank-sightings.js';
import { worthOfScore } from '../../src/evaluation/rank-worth.js';

const THINGS = 8;

/** Items of any cost that show things of any worth, some of them near-duplicates. */
const problems = fc.record({
  worth: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: THINGS, maxLength: THINGS }),
  group: fc.array(fc.nat({ max: 3 }), { minLength: THINGS, maxLength: THINGS }),
  items: fc.array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 60 }),
      shows: fc.uniqueArray(fc.nat({ max: THINGS - 1 }), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 9 },
  ),
  budget: fc.integer({ min: 1, max: 200 }),
});

function problemOf(raw: { worth: number[]; group: number[]; items: { bytes: number; shows: number[] }[] }): {
  items: RankItem[];
  things: RankedThings;
} {
  return {
    items: raw.items.map((item, n) => ({ ...item, name: `item ${n}` })),
    things: { worth: Float64Array.from(raw.worth), group: Int32Array.from(raw.group) },
  };
}

const worthOf = (chosen: readonly number[], items: readonly RankItem[], things: RankedThings): number => {
  const sent = new SentWorth(things);
  for (const item of chosen) sent.send(items[item]!);
  return sent.total;
};

describe('the order of sending', () => {
  test('holds every item once, keeps to the budget first, and adds bytes up', () => {
    fc.assert(
      fc.property(problems, (raw) => {
        const { items, things } = problemOf(raw);
        const ranked = rankItems(items, things, raw.budget);
        expect(ranked.map(({ item }) => item).sort((a, b) => a - b)).toEqual([...items.keys()]);
        let bytes = 0;
        let before = true;
        for (const { item, cumulativeBytes, withinBudget } of ranked) {
          bytes += items[item]!.bytes;
          expect(cumulativeBytes).toBe(bytes);
          if (withinBudget) expect(before && bytes <= raw.budget).toBe(true);
          before = withinBudget;
        }
        const sum = ranked.reduce((all, { worth }) => all + worth, 0);
        expect(sum).toBeCloseTo(worthOf([...items.keys()], items, things), 9);
      }),
    );
  });

  test('does not depend on the order in which the items come', () => {
    fc.assert(
      fc.property(problems, fc.integer(), (raw, seed) => {
        const { items, things } = problemOf(raw);
        const [order = []] = randomOrders(items.length, 1, seed);
        const shuffled = order.map((item) => items[item]!);
        const names = (list: readonly RankItem[]) =>
          rankItems(list, things, raw.budget).map(({ item, worth }) => [list[item]!.name, worth]);
        expect(names(shuffled)).toEqual(names(items));
      }),
    );
  });

  test('is worth at least (1 - 1/e) / 2 of the best choice there is, found by trying all', () => {
    fc.assert(
      fc.property(problems, (raw) => {
        const { items, things } = problemOf(raw);
        let best = 0;
        for (let choice = 0; choice < 1 << items.length; choice++) {
          const chosen = [...items.keys()].filter((item) => (choice >> item) & 1);
          if (chosen.reduce((sum, item) => sum + items[item]!.bytes, 0) > raw.budget) continue;
          best = Math.max(best, worthOf(chosen, items, things));
        }
        const sent = rankItems(items, things, raw.budget).filter(({ withinBudget }) => withinBudget);
        const ours = sent.reduce((sum, { worth }) => sum + worth, 0);
        expect(ours).toBeGreaterThanOrEqual(((1 - 1 / Math.E) / 2) * best - 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  test('sends a thing that several items show once, and then what is new', () => {
    const things = { worth: Float64Array.of(0.9, 0.8, 0.1), group: Int32Array.of(0, 1, 2) };
    const items = [
      { name: 'a', bytes: 10, shows: [0] },
      { name: 'b', bytes: 10, shows: [0, 1] },
      { name: 'c', bytes: 10, shows: [2] },
    ];
    const ranked = rankItems(items, things, 20);
    expect(ranked.map(({ item }) => items[item]!.name)).toEqual(['b', 'c', 'a']);
    expect(ranked.map(({ worth }) => Number(worth.toFixed(9)))).toEqual([1.7, 0.1, 0]);
    expect(ranked.map(({ withinBudget }) => withinBudget)).toEqual([true, true, false]);
  });

  test('puts a near-duplicate behind something else that is worth less', () => {
    const things = { worth: Float64Array.of(0.9, 0.9, 0.5), group: Int32Array.of(0, 0, 1) };
    const items = [0, 1, 2].map((thing) => ({ name: `${thing}`, bytes: 10, shows: [thing] }));
    expect(rankItems(items, things, 30).map(({ item }) => item)).toEqual([0, 2, 1]);
  });

  test('beats file order and random orders by far where few of many items hold anything', () => {
    const worth = Float64Array.from({ length: 400 }, (_, n) => (n % 40 === 39 ? 0.9 : 0.0001 * (n % 7)));
    const things = { worth, group: Int32Array.from(worth.keys()) };
    const items = Array.from(worth, (_, n) => ({ name: `${n}`, bytes: 2000 + ((n * 37) % 900), shows: [n] }));
    const budget = 40 * 2000;
    const none = items.map(() => []);
    const within = (order: readonly number[]) => sentWithin(order, budget, items, things, none).worth;
    const ours = within(rankItems(items, things, budget).map(({ item }) => item));
    expect(ours).toBeGreaterThan(9);
    expect(ours).toBeGreaterThan(5 * within([...items.keys()]));
    for (const order of randomOrders(items.length, 20, 3)) expect(ours).toBeGreaterThan(3 * within(order));
  });
});

test('worth rises with the score from the prior to nearly 1, by the bound on the odds', () => {
  expect(worthOfScore(0.4, 1e-5)).toBe(1e-5);
  expect(worthOfScore(NaN, 1e-5)).toBe(0);
  // p = 1e-6: the odds of 1e-5 rise by 1 / (e 1e-6 13.8155) = 26628.
  expect(worthOfScore(6, 1e-5)).toBeCloseTo(0.26628 / 1.26628, 4);
  expect(worthOfScore(900, 1e-5)).toBeCloseTo(1, 4);
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 999, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (score, more) => worthOfScore(score + more, 1e-4) >= worthOfScore(score, 1e-4),
    ),
  );
});

describe('sightings', () => {
  const grid = { size: 64, xs: Int32Array.of(0, 32, 64), ys: Int32Array.of(0, 32) };

  test('are one where overlapping tiles see one thing, shown by the tiles that hold it well inside', () => {
    // All six tiles; the four on the left peak at (48, 40), the others see nothing.
    const parts = {
      peakX: Uint8Array.of(48, 16, 0, 48, 16, 0),
      peakY: Uint8Array.of(40, 40, 0, 8, 8, 0),
    };
    const worth = Float64Array.of(0.2, 0.3, 0, 0.1, 0.25, 0);
    const found = findSightings(grid, parts, worth, { mergeRadiusPx: 12, inside: 8 });
    expect(found).toEqual([{ x: 48, y: 40, worth: 0.3, best: 1, shownBy: [0, 1, 3, 4] }]);
  });

  test('near the border are shown by the tiles that hold them at all', () => {
    const parts = { peakX: new Uint8Array(6), peakY: new Uint8Array(6) };
    const worth = Float64Array.of(0.5, 0, 0, 0, 0, 0);
    const [sighting] = findSightings(grid, parts, worth, { mergeRadiusPx: 12, inside: 8 });
    expect(sighting).toMatchObject({ x: 0, y: 0, shownBy: [0] });
  });

  test('every tile that sees something lies near one, and no two lie within the radius', () => {
    const cell = fc.nat({ max: 63 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 6,
          maxLength: 6,
        }),
        (tiles) => {
          const parts = {
            peakX: Uint8Array.from(tiles, ([x]) => x),
            peakY: Uint8Array.from(tiles, ([, y]) => y),
          };
          const worth = Float64Array.from(tiles, ([, , w]) => w);
          const found = findSightings(grid, parts, worth, { mergeRadiusPx: 12, inside: 8 });
          tiles.forEach(([px, py, w], tile) => {
            const [x, y] = [grid.xs[tile % 3]! + px, grid.ys[Math.floor(tile / 3)]! + py];
            if (w > 0) expect(found.some((each) => Math.hypot(each.x - x, each.y - y) <= 12)).toBe(true);
          });
          for (const [n, a] of found.entries())
            for (const b of found.slice(n + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(12);
          for (const each of found) expect(each.shownBy.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

test('codes that are near each other are of one group, far ones are not', () => {
  const code = (...values: number[]): Float32Array => Float32Array.from(values);
  const codes = [code(0, 0), code(5, 5), code(0.1, 0), code(-5, 5), code(5, 5.2)];
  expect([...groupAlike(codes, 0.5)]).toEqual([0, 1, 0, 2, 1]);
  expect([...groupAlike(codes, 0)]).toEqual([0, 1, 2, 3, 4]);
});

describe('items', () => {
  const sighting = { x: 40, y: 40, worth: 0.5, best: 1, shownBy: [0, 1] };
  const image = (file: string): ScoredImage => ({
    file,
    grid: { xs: Int32Array.of(0, 32), ys: Int32Array.of(0) },
    scores: Float64Array.of(3, 4.5),
    sightings: [sighting],
    labelled: [[1], []],
  });
  const masked = { ...image('c'), scores: Float64Array.of(NaN, 2), sightings: [], labelled: [] };

  test('are tiles that are not masked, with what they show and the labelled objects that they hold', () => {
    const images = [image('b'), image('a'), masked];
    const sightings = allSightings(images);
    expect(sightings.map((each) => each.image)).toEqual([1, 0]);
    const cost = Float64Array.of(100, 200);
    const items = tileItems(images, [cost, cost, cost], sightings);
    expect(items.map(({ image, at, bytes }) => [image, at?.x, bytes])).toEqual([
      ['b', 0, 100],
      ['b', 32, 200],
      ['a', 0, 100],
      ['a', 32, 200],
      ['c', 32, 200],
    ]);
    expect(items.map(({ shows }) => shows)).toEqual([[1], [1], [0], [0], []]);
    expect(items.map(({ objects }) => objects)).toEqual([[], [0], [], [2], []]);
  });

  test('are images with all that lies in them', () => {
    const images = [image('b'), masked];
    const items = imageItems(images, [7000, 8000], allSightings(images));
    expect(
      items.map(({ name, bytes, score, shows, objects }) => [name, bytes, score, shows, objects]),
    ).toEqual([
      ['b', 7000, 4.5, [0], [0, 1]],
      ['c', 8000, 2, [], []],
    ]);
  });

  test('without a code are groups of their own', () => {
    const sightings = allSightings([image('a'), image('b'), image('c')]);
    const { group } = thingsOf(sightings, [Float32Array.of(0), Float32Array.of(0)], 0.5);
    expect(new Set(group).size).toBe(3);
  });
});

test('a curve tells what was reached at a number of bytes', () => {
  const things = { worth: Float64Array.of(1, 0.5), group: Int32Array.of(0, 1) };
  const items = [
    { name: 'a', bytes: 10, shows: [0] },
    { name: 'b', bytes: 20, shows: [1] },
  ];
  const curve = sendingCurve([1, 0], items, things, [[0], [0, 1]]);
  expect(reachedAt(curve, 'worth', [0, 19, 20, 29, 30, 99])).toEqual([0, 0, 0.5, 0.5, 1.5, 1.5]);
  expect(reachedAt(curve, 'objects', [0, 20, 30])).toEqual([0, 2, 2]);
});

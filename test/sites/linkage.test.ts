import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeLinkage, type Bond } from '../../src/sites/linkage.js';
import { keepIds } from '../../src/sites/keep-ids.js';
import type { SiteDetection } from '../../src/domain/site.js';

const things = fc
  .array(fc.record({ x: fc.integer({ min: 0, max: 40 }), y: fc.integer({ min: 0, max: 40 }) }), {
    maxLength: 25,
  })
  .map((points) => {
    const bonds: Bond[] = points.flatMap((p, a) =>
      points.slice(a + 1).flatMap((q, i) => {
        const apart = Math.hypot(p.x - q.x, p.y - q.y) / 10;
        return apart <= 1 ? [{ a, b: a + 1 + i, apart }] : [];
      }),
    );
    return { count: points.length, bonds };
  });

describe('complete linkage', () => {
  it('puts each thing into one cluster, in which each may be one with each', () => {
    fc.assert(
      fc.property(things, ({ count, bonds }) => {
        const clusters = completeLinkage(count, bonds);
        expect(clusters.flat().sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
        const may = new Set(bonds.map(({ a, b }) => `${a} ${b}`));
        for (const members of clusters)
          members.forEach((a, i) =>
            members.slice(i + 1).forEach((b) => expect(may.has(`${a} ${b}`)).toBe(true)),
          );
      }),
    );
  });

  it('leaves no two clusters apart that could be one', () => {
    fc.assert(
      fc.property(things, ({ count, bonds }) => {
        const clusters = completeLinkage(count, bonds);
        const may = new Set(bonds.map(({ a, b }) => `${Math.min(a, b)} ${Math.max(a, b)}`));
        clusters.forEach((p, i) =>
          clusters.slice(i + 1).forEach((q) => {
            const all = p.every((a) => q.every((b) => may.has(`${Math.min(a, b)} ${Math.max(a, b)}`)));
            expect(all).toBe(false);
          }),
        );
      }),
    );
  });

  it('does not depend on the order of the bonds', () => {
    fc.assert(
      fc.property(things.chain(({ count, bonds }) => fc.tuple(fc.constant({ count, bonds }), fc.shuffledSubarray(bonds, { minLength: bonds.length }))), ([{ count, bonds }, shuffled]) => {
        expect(completeLinkage(count, shuffled)).toEqual(completeLinkage(count, bonds));
      }),
    ); // prettier-ignore
  });
});

describe('the numbers of sites', () => {
  const detection = (pk: number, siteId: number | null) => ({ pk, siteId }) as SiteDetection;
  const order = ({ pk }: SiteDetection) => pk;

  it('stay with the earliest detection where sites become one', () => {
    const one = [detection(1, 20), detection(2, 10), detection(3, null)];
    expect(keepIds([one], order)).toEqual([20]);
  });

  it('go with the earliest detection where a site is split, and the rest is a site of its own', () => {
    expect(
      keepIds(
        [
          [detection(2, 10), detection(3, 10)],
          [detection(1, 10), detection(4, null)],
        ],
        order,
      ),
    ).toEqual([null, 10]);
  });

  it('are never given twice', () => {
    const some = fc.array(
      fc.array(fc.option(fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 4 }),
    );
    fc.assert(
      fc.property(some, (clusters) => {
        let pk = 0;
        const ids = keepIds(
          clusters.map((members) => members.map((siteId) => detection(pk++, siteId))),
          order,
        );
        const given = ids.filter((id) => id !== null);
        expect(new Set(given).size).toBe(given.length);
        ids.forEach((id, i) => expect(id === null || clusters[i]!.includes(id)).toBe(true));
      }),
    );
  });
});

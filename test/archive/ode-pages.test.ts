import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPages, type PageReply } from '../../src/archive/ode/read-pages.js';

interface Item {
  readonly id: string;
  readonly size: number;
}

/** A list on a server that answers at most `cutAt` at once, and changes before each answer as `change` says. */
function list(items: Item[], cutAt: number, change: (items: Item[]) => void = () => undefined) {
  let requests = 0;
  const ask = ({ limit, offset }: { limit: number; offset: number }): Promise<PageReply<Item>> => {
    requests++;
    change(items);
    const page = items.slice(offset, offset + limit);
    const size = page.reduce((sum, item) => sum + item.size, 0);
    const url = `http://ode/?limit=${limit}&offset=${offset}`;
    return Promise.resolve(
      size > cutAt
        ? { kind: 'too-much', why: 'JSON that ends in the middle', url }
        : { kind: 'page', items: page, count: items.length, url },
    );
  };
  return { ask, requests: () => requests };
}

async function read(
  ask: ReturnType<typeof list>['ask'],
  total: number,
  largestPage = 100,
): Promise<string[]> {
  const ids: string[] = [];
  const keyOf = ({ id }: Item) => id;
  for await (const page of readPages({ ask, keyOf, total, largestPage })) ids.push(...page.map(keyOf));
  return ids;
}

const items = fc
  .array(fc.integer({ min: 1, max: 100 }), { maxLength: 120 })
  .map((sizes) => sizes.map((size, n) => ({ id: `p${n}`, size })));

describe('the pages of a list', () => {
  it('give each item once, in order, whatever the sizes, the cut and the page', async () => {
    await fc.assert(
      fc.asyncProperty(
        items,
        fc.integer({ min: 100, max: 2000 }),
        fc.integer({ min: 1, max: 40 }),
        async (given, cutAt, largest) => {
          const { ask } = list([...given], cutAt);
          expect(await read(ask, given.length, largest)).toEqual(given.map(({ id }) => id));
        },
      ),
    );
  });

  it('give each item once that stays while others come, or go, between the pages', async () => {
    // One that comes while another goes leaves the length as it was, which is all that tells of it.
    const changes = fc.boolean().chain((add) =>
      fc.array(fc.record({ add: fc.constant(add), where: fc.double({ min: 0, max: 1, noNaN: true }) }), {
        maxLength: 6,
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        items,
        changes,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 100, max: 1000 }),
        fc.integer({ min: 1, max: 30 }),
        async (given, todo, pauses, cutAt, largest) => {
          const left = [...todo];
          const wait = [...pauses];
          const removed = new Set<string>();
          let next = 1000;
          const change = (now: Item[]) => {
            if ((wait.shift() ?? 0) > 0) return;
            const one = left.pop();
            if (one === undefined) return;
            const at = Math.floor(one.where * now.length);
            if (one.add) now.splice(at, 0, { id: `p${next++}`, size: 50 });
            else for (const { id } of now.splice(at, 1)) removed.add(id);
          };
          const now = [...given];
          const ids = await read(list(now, cutAt, change).ask, given.length, largest);
          expect(new Set(ids).size).toBe(ids.length);
          for (const { id } of now) expect(ids).toContain(id);
          for (const id of ids) expect(removed.has(id) || now.some((item) => item.id === id)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('halve when an answer is cut, and grow again slowly', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => ({ id: `p${n}`, size: n < 100 ? 40 : 1 }));
    const limits: number[] = [];
    const { ask } = list(many, 1000);
    const ids = await read(({ limit, offset }) => (limits.push(limit), ask({ limit, offset })), 1000);
    expect(ids).toHaveLength(1000);
    expect(limits.slice(0, 3)).toEqual([100, 50, 25]);
    expect(Math.max(...limits.slice(3))).toBeGreaterThan(60);
    expect(limits.slice(3).every((limit, n, all) => n === 0 || limit <= all[n - 1]! * 1.3)).toBe(true);
  });

  it('end in an error that names the address where a single item is too much', async () => {
    const { ask } = list(
      [
        { id: 'p0', size: 5 },
        { id: 'big', size: 5000 },
      ],
      1000,
    );
    await expect(read(ask, 2)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'ode_truncated',
      message:
        'http://ode/?limit=1&offset=1 answered JSON that ends in the middle, even for a single product; it is asked again later.',
    });
  });

  it('take no request more than the list needs', async () => {
    const many = Array.from({ length: 250 }, (_, n) => ({ id: `p${n}`, size: 1 }));
    const { ask, requests } = list(many, 1000);
    expect(await read(ask, 250)).toHaveLength(250);
    expect(requests()).toBe(3);
  });

  it('give an item once that the list holds twice', async () => {
    const twice = Array.from({ length: 60 }, (_, n) => ({ id: `p${n % 50}`, size: 1 }));
    expect(await read(list(twice, 1000).ask, 60, 20)).toHaveLength(50);
  });

  it('end in an error where the service stops before the number that it tells', async () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ id: `p${n}`, size: 1 }));
    const { ask } = list(many, 1000);
    const short = read(async (page) => {
      const reply = await ask(page);
      return reply.kind === 'page' ? { ...reply, count: 90 } : reply;
    }, 90);
    await expect(short).rejects.toMatchObject({ code: 'ode_unsettled' });
  });

  it('end where the service counts the page in place of the list', async () => {
    const many = Array.from({ length: 250 }, (_, n) => ({ id: `p${n}`, size: 1 }));
    const { ask } = list(many, 1000);
    const ids = await read(async (page) => {
      const reply = await ask(page);
      return reply.kind === 'page' ? { ...reply, count: reply.items.length } : reply;
    }, 250);
    expect(ids).toEqual(many.map(({ id }) => id));
  });

  it('end in an error, not in a loop, where the list never settles', async () => {
    let next = 0;
    const items = Array.from({ length: 300 }, (_, n) => ({ id: `p${n}`, size: 1 }));
    const { ask, requests } = list(items, 1000, (now) => {
      now.splice(0, 1);
      now.unshift({ id: `n${next++}`, size: 1 }, { id: `n${next++}`, size: 1 });
    });
    await expect(read(ask, 300)).rejects.toMatchObject({ name: 'TransientError', code: 'ode_unsettled' });
    expect(requests()).toBeLessThan(200);
  });
});

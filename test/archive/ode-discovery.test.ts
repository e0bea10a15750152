import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Release } from '../../src/archive/archive-source.js';
import type { OdeSource } from '../../src/archive/ode/ode-source.js';
import { monthBefore, monthOf, splitWindow } from '../../src/archive/ode/ode-window.js';
import { odeRecord, odeSource, type Json } from './ode-server.js';
import { all } from './support.js';

interface Polled {
  readonly releases: Release[];
  readonly ids: string[];
  readonly state: unknown;
}

/** One poll as a daemon does it; the state passes through JSON. @param stopAfter releases, then the process ends */
async function poll(source: OdeSource, from: unknown, stopAfter = Infinity): Promise<Polled> {
  const releases: Release[] = [];
  const ids: string[] = [];
  let state = from;
  for await (const release of source.discover(state)) {
    if (releases.length === stopAfter) break;
    ids.push(...(await all(release.products)).map(({ product }) => product.productId));
    state = JSON.parse(JSON.stringify(release.state));
    if (release.quiet !== true) releases.push(release);
  }
  return { releases, ids, state };
}

const records = (first: number, count: number, options: Parameters<typeof odeRecord>[1] = {}): Json[] =>
  Array.from({ length: count }, (_, n) => odeRecord(first + n, options));
const idsOf = (products: readonly Json[]) =>
  products.map((product) => (product['pdsid'] as string).replace('nac.', '').toUpperCase());

const MARCH = { observed: '2026-03-10T10:00:00.000', created: '2026-04-01T00:00:00.000' };
const APRIL = { observed: '2026-04-01T10:00:00.000', created: '2026-05-01T00:00:00.000' };
const MAY = { observed: '2026-05-02T10:00:00.000', created: '2026-06-03T00:00:00.000' };

describe('discovery by ODE', () => {
  it('begins at the newest month of observation, from a 16th to a 15th', async () => {
    const april = records(1_400_000_000, 30, APRIL);
    const { source } = await odeSource({ products: [...records(1_300_000_000, 20, MARCH), ...april] });
    const { releases, ids } = await poll(source, null);
    expect(releases.map(({ name, knownOnly }) => [name, knownOnly])).toEqual([
      ['ODE observed 2026-03-16 to 2026-04-15', false],
    ]);
    expect(ids.sort()).toEqual(idsOf(april));
    expect(releases[0]!.counts).toEqual({
      records: 30,
      products: 30,
      passedOver: {},
      invalid: {},
      warnings: {},
    });
  });

  it('finds nothing new by two small requests', async () => {
    const { source, ode } = await odeSource({ products: records(1_400_000_000, 30) });
    const { state } = await poll(source, null);
    const before = ode.log.length;
    const again = await poll(source, state);
    expect(again.releases).toEqual([]);
    expect(
      ode.log.slice(before).map(({ parameters }) => parameters.get('results') ?? parameters.get('query')),
    ).toEqual(['iipt', 'c']);
  });

  it('finds the next release, made months before, and asks for no more than it', async () => {
    const april = records(1_400_000_000, 250, APRIL);
    const { source, ode } = await odeSource({ products: [...april] });
    const { state } = await poll(source, null);
    const may = records(1_410_000_000, 250, MAY);
    ode.products.push(...may);
    const before = ode.log.length;
    const { ids, releases, state: next } = await poll(source, state);
    expect(ids.sort()).toEqual(idsOf(may));
    expect(releases.map(({ name }) => name)).toEqual(['ODE observed 2026-04-16 to 2026-05-15']);
    const pages = ode.log.slice(before).filter(({ parameters }) => parameters.get('results') === 'fmpc');
    expect(pages).toHaveLength(3);
    expect(ode.log.length - before).toBeLessThanOrEqual(10);
    expect((await poll(source, next)).releases).toEqual([]);
  });

  it('finds what joins a month late, without a creation date, and reads that month alone', async () => {
    const { source, ode } = await odeSource({ products: records(1_400_000_000, 5, APRIL) });
    const first = await poll(source, null);
    ode.products.push(...records(1_410_000_000, 5, MAY));
    const second = await poll(source, first.state);
    const late = records(1_405_000_000, 1, { ...APRIL, created: '' });
    ode.products.splice(2, 0, ...late);
    const third = await poll(source, second.state);
    expect(third.releases.map(({ name }) => name)).toEqual(['ODE observed 2026-03-16 to 2026-04-15']);
    expect(third.ids).toContain(idsOf(late)[0]);
    expect(third.ids).toHaveLength(6);
  });

  it('finds known products that were made anew, and takes no others for news', async () => {
    const april = records(1_400_000_000, 6, APRIL);
    const { source, ode } = await odeSource({ products: [...april] });
    const first = await poll(source, null);
    for (const n of [1, 4])
      ode.products[n] = odeRecord(1_400_000_000 + n, { ...APRIL, created: '2026-08-30T00:00:00.000' });
    const second = await poll(source, first.state);
    expect(second.releases.map(({ name, knownOnly }) => [name, knownOnly])).toEqual([
      ['ODE created 2026-08-02 to 2026-09-01', true],
    ]);
    expect(second.ids.sort()).toEqual(['M1400000001LC', 'M1400000004LC']);
    expect((await poll(source, second.state)).releases).toEqual([]);
  });

  it('reads what was made anew, too, where a new month does not hold it', async () => {
    const { source, ode } = await odeSource({ products: records(1_400_000_000, 4, APRIL) });
    const first = await poll(source, null);
    ode.products[0] = odeRecord(1_400_000_000, { ...APRIL, created: '2026-08-30T00:00:00.000' });
    ode.products.push(...records(1_410_000_000, 3, { ...MAY, created: '2026-08-31T00:00:00.000' }));
    const { releases, ids } = await poll(source, first.state);
    expect(releases.map(({ name }) => name)).toEqual([
      'ODE observed 2026-04-16 to 2026-05-15',
      'ODE created 2026-08-02 to 2026-09-01',
    ]);
    expect(new Set(ids)).toEqual(new Set(['M1400000000LC', ...idsOf(ode.products.slice(4))]));
  });

  it('counts products that join months before the first one, and leaves them to backfill', async () => {
    const { source, ode } = await odeSource({ products: records(1_400_000_000, 4, APRIL) });
    const first = await poll(source, null);
    ode.products.unshift(...records(1_200_000_000, 3, { observed: '2019-01-01T00:00:00.000' }));
    const second = await poll(source, first.state);
    expect(second.ids).toEqual([]);
    expect(second.releases.map(({ counts }) => counts.passedOver)).toEqual([{ 'older observation': 3 }]);
    expect((await poll(source, second.state)).releases).toEqual([]);
  });

  it('goes on where it was interrupted, window by window, and then looks for more', async () => {
    const month = Array.from({ length: 9000 }, (_, n) =>
      odeRecord(1_400_000_000 + n, {
        observed: `2026-04-${String(1 + (n % 15)).padStart(2, '0')}T10:00:00.000`,
      }),
    );
    const { source, ode } = await odeSource({ products: month });
    const first = await poll(source, null, 2);
    expect(first.releases).toHaveLength(2);
    const second = await poll(source, first.state);
    expect(second.releases).toHaveLength(1);
    expect([...first.ids, ...second.ids].sort()).toEqual(idsOf(month).sort());
    ode.products.push(...records(1_410_000_000, 2, MAY));
    expect((await poll(source, second.state)).ids).toHaveLength(2);
  });

  it('finds the newest month where ODE does not tell it, or tells one to come', async () => {
    for (const newest of ['', '2045-01-01T00:00:00.000']) {
      const { source, ode } = await odeSource({ products: records(1_400_000_000, 3, APRIL) });
      ode.newest = newest;
      expect((await poll(source, null)).ids).toHaveLength(3);
    }
  });

  it('starts anew from a state that it cannot read', async () => {
    const { source } = await odeSource({ products: records(1_400_000_000, 3) });
    expect((await poll(source, { newestVolume: 'LROLRC_1067A' })).ids).toHaveLength(3);
  });

  it('gives each product once, whatever their sizes and wherever ODE cuts its answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 150 }),
        fc.integer({ min: 6000, max: 60_000 }),
        async (sizes, cutAt) => {
          const { source, ode } = await odeSource({
            products: sizes.map((padding, n) => odeRecord(1_400_000_000 + n, { padding })),
          });
          ode.cutAt = cutAt;
          expect((await poll(source, null)).ids).toEqual(idsOf(ode.products));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('loses none and gives none twice while products are loaded', async () => {
    const { source, ode } = await odeSource({ products: records(1_400_000_000, 300) });
    let loads = 6;
    ode.before = () => {
      if (ode.log.length % 3 === 0 && loads-- > 0)
        ode.products.splice(17, 0, odeRecord(1_500_000_000 + loads));
    };
    const { ids } = await poll(source, null);
    expect([...ids].sort()).toEqual(idsOf(ode.products).sort());
  });

  it('takes an answer that breaks off on the line for one that is too long', async () => {
    const { source, ode } = await odeSource({ products: records(1_400_000_000, 40) });
    ode.fault = (parameters, response) => {
      if (Number(parameters.get('limit')) <= 10 || parameters.get('results') !== 'fmpc') return false;
      response.writeHead(200, { 'Content-Length': '100000' }).write('{"ODEResults": {');
      setImmediate(() => response.destroy());
      return true;
    };
    expect((await poll(source, null)).ids).toHaveLength(40);
  });

  it('fails, naming the address, where a single product does not come whole', async () => {
    const { source, ode } = await odeSource({ products: records(1_400_000_000, 3, { padding: 5000 }) });
    ode.cutAt = 4000;
    await expect(poll(source, null)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'ode_truncated',
      message: expect.stringMatching(
        /^http:\/\/127.*minobtime=2026-03-16.*limit=1&.* answered JSON that ends in the middle, even for a single product/,
      ) as string,
    });
  });

  it.each(['minobtime', 'mincreationtime', 'maxobtime', 'limit', 'pt', 'results'])(
    'does not believe an answer that ignored %s',
    async (name) => {
      const { source, ode } = await odeSource({ products: records(1_400_000_000, 3) });
      ode.deaf.add(name);
      await expect(poll(source, null)).rejects.toMatchObject({ name: 'OperationalError' });
    },
  );

  it('counts records that are no products of the Moon, or lack what a scan needs', async () => {
    const { source } = await odeSource({
      products: [
        odeRecord(1_400_000_000),
        { ...odeRecord(1_400_000_001), pdsid: 'nac.s1400000001lc' },
        { ...odeRecord(1_400_000_002), Target_name: 'EARTH' },
        { ...odeRecord(1_400_000_003), Footprint_C0_geometry: 'MULTIPOLYGON EMPTY' },
        { ...odeRecord(1_400_000_004), Incidence_angle: '3.00' },
      ],
    });
    const { releases } = await poll(source, null);
    expect(releases[0]!.counts).toEqual({
      records: 5,
      products: 1,
      passedOver: { star: 1, 'other target': 1 },
      invalid: { footprint: 1, incidence_mismatch: 1 },
      warnings: {},
    });
  });

  it('goes on with its first poll where that was cut short, without counting anew', async () => {
    const april = records(1_400_000_000, 250, APRIL);
    const { source, ode } = await odeSource({ products: [...records(1_300_000_000, 20, MARCH), ...april] });
    let kept: unknown = null;
    for await (const release of source.discover(null)) {
      if (release.quiet !== true) break;
      kept = JSON.parse(JSON.stringify(release.state));
    }
    const before = ode.log.length;
    const { releases, ids } = await poll(source, kept);
    expect(releases).toHaveLength(1);
    expect(ids.sort()).toEqual(idsOf(april));
    const asked = ode.log.slice(before).map(({ parameters }) => parameters.get('results') ?? 'sets');
    // The window is counted and read; then it is asked once more whether anything is new.
    expect(asked).toEqual(['c', 'fmpc', 'fmpc', 'fmpc', 'sets', 'c']);
  });

  it('asks for nothing before it is iterated, and stops when aborted', async () => {
    const { source, ode } = await odeSource({ products: records(1_400_000_000, 300) });
    const abort = new AbortController();
    const releases = source.discover(null, abort.signal);
    expect(ode.log).toHaveLength(0);
    expect((await releases.next()).value).toMatchObject({ quiet: true });
    const release = (await releases.next()).value as Release;
    expect(ode.log.some(({ parameters }) => parameters.get('results') === 'fmpc')).toBe(false);
    ode.before = () => abort.abort(new Error('stopped'));
    await expect(all(release.products)).rejects.toThrow('stopped');
  });

  it('has its images fetched by the archive', async () => {
    const { source } = await odeSource({ products: records(1_400_000_000, 1) });
    const [, release] = await all(source.discover(null));
    const [announced] = await all(release!.products);
    await expect(source.fetchImage(announced!.product, '/nowhere')).rejects.toThrow('not asked here');
  });
});

describe('windows of time', () => {
  it('are months from a 16th to a 15th without gap or overlap', () => {
    expect(monthOf('2026-04-15')).toMatchObject({ from: '2026-03-16', to: '2026-04-15' });
    expect(monthOf('2026-04-16')).toMatchObject({ from: '2026-04-16', to: '2026-05-15' });
    expect(monthOf('2026-01-02')).toMatchObject({ from: '2025-12-16', to: '2026-01-15' });
    let month = monthOf('2026-09-28');
    for (let n = 0; n < 210; n++) {
      const before = monthBefore(month);
      expect(Date.parse(month.from) - Date.parse(before.to)).toBe(86_400_000);
      month = before;
    }
  });

  it('split into parts that are the whole, day by day', () => {
    const day = (n: number) => new Date(Date.UTC(2024, 0, 1 + n)).toISOString().slice(0, 10);
    fc.assert(
      fc.property(
        fc.nat(400),
        fc.nat(400),
        fc.nat(100_000),
        fc.integer({ min: 1, max: 5000 }),
        (at, days, products, most) => {
          const parts = splitWindow({ by: 'creation', from: day(at), to: day(at + days) }, products, most);
          expect(parts[0]!.from).toBe(day(at));
          expect(parts.at(-1)!.to).toBe(day(at + days));
          expect(parts.length).toBe(Math.max(1, Math.min(days + 1, Math.ceil(products / most))));
          parts.forEach(({ from, to }, n) => {
            expect(from <= to).toBe(true);
            if (n > 0) expect(Date.parse(from) - Date.parse(parts[n - 1]!.to)).toBe(86_400_000);
          });
        },
      ),
    );
  });
});

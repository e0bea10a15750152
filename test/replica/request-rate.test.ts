import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestRate, requestRates } from '../../src/replica/request-rate.js';
import { archiveUrls, testReplica } from './support.js';

const entry = (startedAt: number, endedAt: number | null, host = 'a') => ({ host, startedAt, endedAt });

const entries = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 1500 })), { maxLength: 40 })
  .map((list) => list.map(([start, length]) => entry(start, start + length)));

describe('the rate of requests', () => {
  it('of requests one after the other has their gap, and never two open', () => {
    const list = [entry(0, 100), entry(350, 400), entry(1000, 1200)];
    expect(requestRate(list, 1)).toEqual({
      requests: 3,
      mostInWindow: 2,
      lowGapMs: 250,
      mostOpen: 1,
    });
    expect(requestRate(list, 1.001).mostInWindow).toBe(3);
  });

  it('has one gap in a hundred below its low one', () => {
    // A pause of 90 ms after each, but of 20 after two.
    const list = Array.from({ length: 201 }, (_, i) =>
      entry(i * 100, i * 100 + (i === 7 || i === 80 ? 80 : 10)),
    );
    expect(requestRate(list, 1)).toMatchObject({ lowGapMs: 90 });
    expect(requestRate(list.slice(0, 100), 1)).toMatchObject({ lowGapMs: 20 });
  });

  it('of requests that overlap has no gap, also where one is open still', () => {
    expect(requestRate([entry(0, null), entry(500, 600)], 1)).toMatchObject({
      lowGapMs: 0,
      mostOpen: 2,
    });
    expect(requestRate([entry(0, 50)], 1)).toMatchObject({
      lowGapMs: null,
      mostOpen: 1,
    });
    expect(requestRate([], 1)).toEqual({
      requests: 0,
      mostInWindow: 0,
      lowGapMs: null,
      mostOpen: 0,
    });
  });

  it('is told for each host by itself', () => {
    const rates = requestRates([entry(0, 10, 'a'), entry(5, 15, 'b'), entry(20, 30, 'a')], 1);
    expect(rates).toEqual({
      a: { requests: 2, mostInWindow: 2, lowGapMs: 10, mostOpen: 1 },
      b: { requests: 1, mostInWindow: 1, lowGapMs: null, mostOpen: 1 },
    });
  });

  it('is what counting at every moment gives, in whatever order requests are listed', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 3000 }), (list, windowMs) => {
        const within = list.map(
          ({ startedAt: from }) =>
            list.filter(({ startedAt }) => startedAt >= from && startedAt < from + windowMs).length,
        );
        const open = list.map(
          ({ startedAt: at }) => list.filter((each) => each.startedAt <= at && each.endedAt! > at).length,
        );
        expect(requestRate([...list].reverse(), windowMs / 1000)).toMatchObject({
          mostInWindow: Math.max(0, ...within),
          mostOpen: Math.max(0, ...open),
        });
      }),
    );
  });
});

describe('the log', () => {
  it('is served with the rates of each host, and leaves out requests to the replica itself', async () => {
    const replica = await testReplica();
    const { front, label } = archiveUrls(replica);
    for (const url of [front, label]) await (await fetch(url)).arrayBuffer();
    await fetch(`${replica.address}truth.json`);
    const log = (await (await fetch(`${replica.address}log.json?window=60`)).json()) as Record<
      string,
      unknown
    >;
    const port = new URL(replica.address).port;
    expect(log).toMatchObject({
      windowS: 60,
      dropped: 0,
      hosts: {
        [`127.0.0.1:${port}`]: { requests: 1, mostOpen: 1 },
        [`localhost:${port}`]: { requests: 2, mostInWindow: 2, mostOpen: 1 },
      },
    });
    expect(log['requests']).toMatchObject([
      { status: 302, fault: null },
      { status: 200, path: new URL(front).pathname.replace(/.*V1\.0/, archivePath) },
      { status: 200, path: new URL(label).pathname, headers: { host: `localhost:${port}` } },
    ]);
  });

  it('keeps the latest requests, as many as it is told', async () => {
    const replica = await testReplica({ logKept: 20 });
    const { indexLabel } = archiveUrls(replica);
    for (let n = 0; n < 25; n++) await (await fetch(`${indexLabel}?n=${n}`)).arrayBuffer();
    expect(replica.log.length).toBeLessThanOrEqual(20);
    expect(replica.log.at(-1)!.path).toMatch(/n=24$/);
    const { dropped } = (await (await fetch(`${replica.address}log.json`)).json()) as { dropped: number };
    expect(dropped + replica.log.length).toBe(25);
  });
});

const archivePath = '/data/store/img/lunar_reconnaissance_orbiter/pds4/lroc/lro-l-lroc-3-cdr';

import { describe, expect, it } from 'vitest';
import type { Release } from '../../src/archive/archive-source.js';
import { withVolume, type IndexState } from '../../src/archive/index/index-state.js';
import type { VolumeIndexSource } from '../../src/archive/index/volume-index-source.js';
import type { Product } from '../../src/domain/product.js';
import { testReplica } from '../replica/support.js';
import { all, fakeClock, productsOf, testSource } from './support.js';

interface Polled {
  readonly releases: readonly Release[];
  readonly products: readonly Product[];
  readonly state: IndexState | null;
}

/** One poll as a daemon does it; the state passes through JSON. */
async function poll(source: VolumeIndexSource, from: IndexState | null): Promise<Polled> {
  const releases: Release[] = [];
  const products: Product[] = [];
  let state = from;
  for await (const release of source.discover(state)) {
    products.push(...(await productsOf(release)));
    state = JSON.parse(JSON.stringify(release.state)) as IndexState;
    if (release.quiet !== true) releases.push(release);
  }
  return { releases, products, state };
}

const ids = (products: readonly { productId: string }[]) => products.map(({ productId }) => productId).sort();

describe('discovery', () => {
  it('begins at the newest volume and takes its NAC images of the Moon only', async () => {
    const replica = await testReplica({ newestVolume: 'LROLRC_1066C' });
    replica.release();
    const { source, leftovers } = await testSource([replica.address]);
    const { releases, products, state } = await poll(source, null);
    expect(releases.map(({ name }) => name)).toEqual(['LROLRC_1067A']);
    expect(ids(products)).toEqual(ids(replica.volumes[1]!.products));
    expect(releases[0]!.counts).toEqual({
      records: 20,
      products: 4,
      passedOver: { 'wide-angle': 4, calibration: 4, star: 4, earth: 4 },
      invalid: {},
      warnings: {},
    });
    expect(state?.newestVolume).toBe('LROLRC_1067A');
    expect(await leftovers()).toEqual([]);
  });

  it.each([403, 404] as const)(
    'takes HTTP %i for "not released yet" and walks back',
    async (missingStatus) => {
      const replica = await testReplica({ missingStatus, images: 1 });
      const { source } = await testSource([replica.address]);
      await poll(source, null);
      const asked = replica.log.filter(({ host }) => host.startsWith('localhost'));
      expect(asked.map(({ path, status }) => `${/LROLRC_\w+\/INDEX.*/.exec(path)?.[0]} ${status}`)).toEqual([
        `LROLRC_1068C/INDEX/INDEX.LBL ${missingStatus}`,
        `LROLRC_1068B/INDEX/INDEX.LBL ${missingStatus}`,
        `LROLRC_1068A/INDEX/INDEX.LBL ${missingStatus}`,
        `LROLRC_1067C/INDEX/INDEX.LBL ${missingStatus}`,
        `LROLRC_1067B/INDEX/INDEX.LBL ${missingStatus}`,
        'LROLRC_1067A/INDEX/INDEX.LBL 200',
        'LROLRC_1067A/INDEX/INDEX.TAB 200',
      ]);
    },
  );

  it('finds nothing new by two small requests, and everything released since, in order', async () => {
    const replica = await testReplica();
    const { source } = await testSource([replica.address]);
    const first = await poll(source, null);
    const before = replica.log.length;
    const second = await poll(source, first.state);
    expect(second.releases).toEqual([]);
    const answers = replica.log.slice(before).map(({ status }) => status);
    expect(answers).toEqual([302, 304, 302, 403]);

    replica.release();
    replica.release();
    const third = await poll(source, second.state);
    expect(third.releases.map(({ name }) => name)).toEqual(['LROLRC_1067B', 'LROLRC_1067C']);
    expect(ids(third.products)).toEqual(ids(replica.volumes.slice(1).flatMap(({ products }) => products)));
    expect((await poll(source, third.state)).releases).toEqual([]);
  });

  it('reads unlettered volumes, whose records are a byte shorter, and the step to lettered ones', async () => {
    const replica = await testReplica({ newestVolume: 'LROLRC_1035' });
    const clock = fakeClock('2018-09-20T00:00:00Z');
    const { source } = await testSource([replica.address], { clock });
    const first = await poll(source, null);
    expect(ids(first.products)).toEqual(ids(replica.volumes[0]!.products));
    replica.release();
    const second = await poll(source, first.state);
    expect(second.releases.map(({ name }) => name)).toEqual(['LROLRC_1036A']);
    expect(second.products).toHaveLength(4);
  });

  it('reads a volume again when its label changed, not when only the server did', async () => {
    const replica = await testReplica();
    const { source } = await testSource([replica.address]);
    const { state } = await poll(source, null);
    const known = state!.volumes['LROLRC_1067A']!;
    const moved = { ...state!, volumes: { LROLRC_1067A: { ...known, validators: {} } } };
    const same = await poll(source, moved);
    expect(same.releases).toEqual([]);
    expect(same.state!.volumes).toEqual(state!.volumes);
    const changed = await poll(source, {
      ...moved,
      volumes: { LROLRC_1067A: { ...known, validators: {}, labelMd5: 'another' } },
    });
    expect(changed.releases.map(({ name, knownOnly }) => [name, knownOnly])).toEqual([
      ['LROLRC_1067A', false],
    ]);
    expect(changed.state!.volumes).toEqual(state!.volumes);
  });

  it('asks the next volume and one known volume in turn, by conditional requests to the front host', async () => {
    const replica = await testReplica({ newestVolume: 'LROLRC_1066B' });
    replica.release();
    replica.release();
    const { source } = await testSource([replica.address]);
    let { state } = await poll(source, null);
    for (const volumeId of ['LROLRC_1066B', 'LROLRC_1066C']) {
      const release = await source.volume(volumeId);
      const label = (release!.state as IndexState).volumes[volumeId]!;
      state = withVolume(state, { volumeId, ...label, labelMd5: label.labelMd5!, whole: false });
    }
    const asked: string[][] = [];
    for (let n = 0; n < 4; n++) {
      const before = replica.log.length;
      const polled = await poll(source, state);
      expect(polled.releases).toEqual([]);
      const requests = replica.log.slice(before);
      expect(requests.map(({ status }) => status)).toEqual([302, 304, 302, 403]);
      expect(requests.map(({ headers }) => headers['if-none-match'] !== undefined)).toEqual([
        true,
        true,
        false,
        false,
      ]);
      asked.push(
        requests.filter(({ status }) => status === 302).map(({ path }) => /LROLRC_\w+/.exec(path)?.[0] ?? ''),
      );
      state = polled.state;
    }
    expect(asked).toEqual(
      ['LROLRC_1067A', 'LROLRC_1066B', 'LROLRC_1067A', 'LROLRC_1066C'].map((known) => [
        known,
        'LROLRC_1067B',
      ]),
    );
  });

  it('reads a volume again that was announced in part, for what is known of it only', async () => {
    const replica = await testReplica({ newestVolume: 'LROLRC_1066C' });
    replica.release();
    const { source } = await testSource([replica.address]);
    const { state } = await poll(source, null);
    const part = { volumeId: 'LROLRC_1066C', labelMd5: 'before', validators: {}, whole: false };
    const newest = await poll(source, withVolume(state, part));
    expect(newest.releases).toEqual([]);
    const { releases, state: after } = await poll(source, newest.state);
    expect(releases.map(({ name, knownOnly }) => [name, knownOnly])).toEqual([['LROLRC_1066C', true]]);
    expect(after!.newestVolume).toBe('LROLRC_1067A');
    expect(after!.volumes['LROLRC_1066C']).toMatchObject({ whole: false });
    expect((await poll(source, (await poll(source, after)).state)).releases).toEqual([]);
  });

  it('looks beyond a volume that is overdue, one more a poll, and still takes it when it appears', async () => {
    const replica = await testReplica({ newestVolume: 'LROLRC_1066C' });
    for (let n = 0; n < 3; n++) replica.release();
    for (const absent of ['LROLRC_1067A', 'LROLRC_1067B'])
      replica.faults.add({ match: new RegExp(`store.*${absent}`), status: 404 });
    const clock = fakeClock('2026-10-10T00:00:00Z');
    const { source } = await testSource([replica.address], { clock });
    const lag = await source.volume('LROLRC_1066C');
    let state: IndexState | null = lag!.state as IndexState;
    const asked = async () => {
      const before = replica.log.length;
      const polled = await poll(source, state);
      state = polled.state;
      const volumes = replica.log
        .slice(before)
        .filter(({ status, path }) => status !== 302 && path.endsWith('.LBL'))
        .map(({ path }) => /LROLRC_\w+/.exec(path)?.[0]);
      return { volumes, released: polled.releases.map(({ name }) => name) };
    };
    // Six months from the end of its time, 2026-04-16.
    expect(await asked()).toEqual({ volumes: ['LROLRC_1066C', 'LROLRC_1067A'], released: [] });
    await clock.sleep(7 * 86_400_000);
    expect(await asked()).toEqual({
      volumes: ['LROLRC_1066C', 'LROLRC_1067A', 'LROLRC_1067B'],
      released: [],
    });
    expect(await asked()).toMatchObject({ released: ['LROLRC_1067C'] });
    expect(state.newestVolume).toBe('LROLRC_1067C');
    replica.faults.clear();
    const late: string[] = [];
    for (let n = 0; n < 8; n++) late.push(...(await asked()).released);
    expect(late).toEqual(['LROLRC_1067A', 'LROLRC_1067B']);
    expect(state.newestVolume).toBe('LROLRC_1067C');
  });

  it('does not stop at a known volume that cannot be read: the next poll asks another', async () => {
    const replica = await testReplica({ newestVolume: 'LROLRC_1066C' });
    replica.release();
    const { source } = await testSource([replica.address], { retries: 0 });
    const first = await poll(source, null);
    replica.faults.add({ match: /store.*1067A/, status: 500 });
    let { state } = first;
    const polling = async () => {
      for await (const release of source.discover(state)) state = release.state as IndexState;
    };
    await expect(polling()).rejects.toMatchObject({ code: 'http_status' });
    expect(state!.turn).toBe(first.state!.turn + 1);
  });

  it('asks for nothing before it is iterated', async () => {
    const replica = await testReplica();
    const { source } = await testSource([replica.address]);
    const releases = source.discover(null)[Symbol.asyncIterator]();
    expect(replica.log).toHaveLength(0);
    await releases.next();
    expect(replica.log.some(({ path }) => path.endsWith('.TAB'))).toBe(false);
  });

  it('takes up again after 429, not before the archive allows it', async () => {
    const replica = await testReplica();
    replica.faults.add({
      match: /store.*INDEX\.TAB/,
      times: 1,
      status: 429,
      headers: { 'Retry-After': '37' },
    });
    const { source, clock } = await testSource([replica.address]);
    expect((await poll(source, null)).products).toHaveLength(4);
    expect(Math.max(...clock.slept)).toBeGreaterThanOrEqual(37_000);
  });

  it.each([
    ['cut short', { cutAt: 1000 }],
    ['changed on the way', { corruptAt: 1000 }],
    ['a page', { status: 200, body: '<!DOCTYPE html><title>Maintenance</title>' }],
    [
      'an S3 error',
      { status: 200, body: '<?xml version="1.0"?><Error/>', headers: { 'Content-Type': 'a/b' } },
    ],
    ['an HTTP 503', { status: 503 }],
  ])('reads an index that was %s once, and gives no product of one that stays so', async (_, fault) => {
    const replica = await testReplica();
    const { source, leftovers } = await testSource([replica.address], { retries: 1 });
    replica.faults.add({ match: /store.*INDEX\.TAB/, times: 1, ...fault });
    expect((await poll(source, null)).products).toHaveLength(4);
    replica.faults.add({ match: /store.*INDEX\.TAB/, ...fault });
    const products: Product[] = [];
    const failing = async () => {
      for await (const release of source.discover(null)) {
        for await (const { product } of release.products) products.push(product);
      }
    };
    await expect(failing()).rejects.toMatchObject({ name: 'TransientError' });
    expect(products).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  it('does not take a label that is there without its table for an empty volume', async () => {
    const replica = await testReplica();
    replica.faults.add({ match: /INDEX\.TAB/, status: 404 });
    const { source } = await testSource([replica.address]);
    await expect(poll(source, null)).rejects.toMatchObject({ code: 'index_incomplete' });
  });

  it('stops in the middle when aborted, and leaves nothing behind', async () => {
    const replica = await testReplica();
    const { source, leftovers } = await testSource([replica.address]);
    const abort = new AbortController();
    replica.faults.add({ match: /INDEX\.TAB/, delayMs: 200 });
    const reading = (async () => {
      for await (const release of source.discover(null, abort.signal)) await all(release.products);
    })();
    setTimeout(() => abort.abort(new Error('stopped')), 100);
    await expect(reading).rejects.toThrow('stopped');
    expect(await leftovers()).toEqual([]);
  });

  it('asks the second base address when the first fails, and says so when all do', async () => {
    const broken = await testReplica();
    broken.faults.add({ match: /./, status: 500 });
    const replica = await testReplica({ images: 2 });
    const { source } = await testSource([broken.address, replica.address], { retries: 0 });
    expect((await poll(source, null)).products).toHaveLength(2);
    const alone = await testSource([broken.address], { retries: 0 });
    await expect(poll(alone.source, null)).rejects.toMatchObject({ code: 'http_status' });
  });

  it('never has two requests at one host at the same time, whoever asks', async () => {
    const replica = await testReplica();
    replica.faults.add({ match: /./, delayMs: 5 });
    const { source, dir } = await testSource([replica.address]);
    const { products } = await poll(source, null);
    await Promise.all([
      ...products.map((product) => source.fetchImage(product, dir)),
      poll(source, null),
      source.check(),
    ]);
    for (const host of new Set(replica.log.map((entry) => entry.host))) {
      const requests = replica.log.filter((entry) => entry.host === host);
      expect(requests.length).toBeGreaterThan(10);
      requests.slice(1).forEach((request, n) => {
        expect(requests[n]!.endedAt).not.toBeNull();
        expect(requests[n]!.endedAt!).toBeLessThanOrEqual(request.startedAt);
      });
    }
  });

  it('spaces its requests and says who asks', async () => {
    const replica = await testReplica({ redirect: false });
    const { source, clock } = await testSource([replica.address], { spacingMs: 900 });
    await poll(source, null);
    expect(clock.slept).toEqual(Array.from({ length: replica.log.length - 1 }, () => 900));
    expect(new Set(replica.log.map(({ headers }) => headers['user-agent']))).toEqual(
      new Set(['selenoscan-test']),
    );
  });
});

describe('the check of the archive', () => {
  it('tells the newest volume in one line', async () => {
    const replica = await testReplica();
    const { source } = await testSource([replica.address]);
    expect(await source.check()).toBe(
      `archive ${replica.address} answers: newest volume LROLRC_1067A, 20 records of 902 bytes`,
    );
  });

  it.each([
    [
      'nothing listens',
      { match: /^never$/ },
      'archive_unreachable',
      /cannot be read: .*ECONNREFUSED.*archive\.urls/,
    ],
    ['it is no archive', { match: /./, status: 404 }, 'archive_empty', /no CDR volume up to LROLRC_1068C/],
    [
      'it is a web page',
      { match: /./, body: '<html>Hello</html>' },
      'archive_unreachable',
      /cannot be read: .*an HTML page in place of data/,
    ],
    ['it is down', { match: /./, status: 503 }, 'archive_unreachable', /cannot be read: .*HTTP 503/],
    ['it refuses', { match: /./, status: 400 }, 'http_status', /answered HTTP 400; check archive\.urls/],
  ])('is one sentence when %s', async (why, fault, code, message) => {
    const replica = await testReplica();
    replica.faults.add(fault);
    if (why === 'nothing listens') await replica.close();
    const { source } = await testSource([replica.address]);
    await expect(source.check()).rejects.toMatchObject({
      name: 'OperationalError',
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses base addresses that are not http', async () => {
    await expect(testSource(['ftp://pds.example/data/'])).rejects.toThrow(
      'archive.urls: "ftp://pds.example/data/" is not an http or https address.',
    );
  });
});

import { appendFile, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Settling } from '../../src/archive/folder/settling.js';
import { formatBrowseLabel } from '../../src/replica/browse-label.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { passIsd } from '../geo/isd-support.js';
import { lookOnce, testFolder, tinyTiff, type TestFolder } from './folder-support.js';
import { fakeClock } from './support.js';

const ID = 'M124423514LC';
const OTHER = 'M1299958135RC';

/** Any camera model: these tests are of files alone. */
const isd = JSON.stringify(
  passIsd({
    center: { lon: 10, lat: 5 },
    headingDeg: 180,
    mirrored: false,
    lines: 128,
    alongM: 1,
    altitudeM: 100_000,
    summing: 1,
    subSolar: { lon: 40, lat: 0 },
  }),
);

const sized = { isdFacts: () => facts };
const place = { lon: 10, lat: 5 };
const facts = {
  corners: { upperLeft: place, upperRight: place, lowerRight: place, lowerLeft: place },
  center: place,
  subSolar: place,
  startTime: new Date(0),
  stopTime: new Date(0),
  incidenceDeg: 30,
  emissionDeg: 1,
  phaseDeg: 30,
  pixelWidthM: 1,
  pixelHeightM: 1,
  spacecraftAltitudeKm: 100,
};

const found = async (folder: TestFolder, state?: unknown) => {
  const look = await folder.look(state);
  return { ...look, ids: (look?.products ?? []).map(({ productId }) => productId) };
};

describe('a file that is being written', () => {
  it('is not taken while it grows, and is taken whole once it has come to rest', async () => {
    const settleMs = 400;
    const folder = await testFolder({ ...sized, settleMs });
    const bytes = Buffer.concat([await tinyTiff(), Buffer.alloc(4096)]);
    await folder.put(`${ID}.json`, isd);
    const path = join(folder.root, `${ID}_pyr.tif`);
    const copying = (async () => {
      const file = await open(path, 'w');
      for (let at = 0; at < bytes.length; at += 1024) {
        await file.write(bytes.subarray(at, at + 1024));
        await delay(100);
      }
      await file.close();
    })();
    let state: unknown = null;
    let looks = 0;
    for (;;) {
      const look: Awaited<ReturnType<typeof folder.look>> = await folder.look(state);
      const [product] = look?.products ?? [];
      looks++;
      // Looked at to its end, so that what is not taken now is not forgotten.
      state = look?.state ?? state;
      if (product === undefined) continue;
      await copying;
      const image = await folder.source.fetchImage(product, folder.root);
      expect(image.bytes).toBe(bytes.length);
      break;
    }
    expect(looks).toBeGreaterThan(1);
  }, 30_000);

  it('is not taken half, however long it rests, and is told of once', async () => {
    const folder = await testFolder(sized);
    const bytes = await tinyTiff();
    await folder.put(`${ID}.json`, isd);
    await folder.put(`${ID}_pyr.tif`, bytes.subarray(0, bytes.length / 2));
    const first = await found(folder);
    expect(first.ids).toEqual([]);
    expect(first.counts?.invalid).toEqual({ 'not a whole image': 1 });
    const second = await found(folder, first.state);
    expect(second.counts?.invalid).toEqual({ 'not a whole image': 1 });
    expect(folder.problems).toHaveLength(1);
    expect(folder.problems[0]).toMatch(
      /^M124423514LC_pyr\.tif is (truncated|damaged): .*; fetch the file again\.$/,
    );
    await folder.put(`${ID}_pyr.tif`, bytes);
    expect((await found(folder, second.state)).ids).toEqual([ID]);
  });

  it('is not taken while its size is another than its label says', async () => {
    const folder = await testFolder(sized);
    const bytes = await tinyTiff();
    const label = (size: number) =>
      formatBrowseLabel({
        productId: ID,
        volumeId: 'LROLRC_1003',
        bundle: 'lro-l-lroc-3-cdr',
        bytes: size,
        md5: '0'.repeat(32),
        created: new Date(),
      });
    await folder.put(`${ID}.json`, isd);
    await folder.put(`${ID}_pyr.tif`, bytes);
    await folder.put(`${ID}_pyr.xml`, label(bytes.length + 10));
    const first = await found(folder);
    expect(first.counts?.invalid).toEqual({ 'not a whole image': 1 });
    expect(folder.problems).toEqual([
      `${ID}_pyr.tif holds ${bytes.length} bytes where its label says ${bytes.length + 10}; it is looked at again later.`,
    ]);
    // The label alone is mended, which changes nothing that is remembered.
    await folder.put(`${ID}_pyr.xml`, label(bytes.length));
    expect((await found(folder, first.state)).ids).toEqual([ID]);
  });

  it('does not hold up an image that is there in another form', async () => {
    const folder = await testFolder(sized);
    const bytes = await tinyTiff();
    await folder.put(`${ID}.json`, isd);
    await folder.put(`${ID}_pyr.tif`, bytes.subarray(0, 100));
    await folder.put(`${ID}.tif`, bytes);
    expect((await folder.look())?.products[0]?.fileSpecification).toBe(`${ID}.tif`);
  });

  it('is waited for within one look when it settles soon, so that one look is enough', async () => {
    const folder = await testFolder({ ...sized, settleMs: 700 });
    await folder.put(`${ID}.json`, isd);
    await folder.put(`${ID}_pyr.tif`, await tinyTiff());
    const started = performance.now();
    expect((await found(folder)).ids).toEqual([ID]);
    expect(performance.now() - started).toBeGreaterThan(300);
  });

  it('is left to another look when it takes long to settle', async () => {
    const folder = await testFolder({ ...sized, settleMs: 86_400_000 });
    await folder.put(`${ID}.json`, isd);
    await folder.put(`${ID}_pyr.tif`, await tinyTiff());
    const look = await found(folder);
    expect(look.ids).toEqual([]);
    expect(look.counts?.invalid).toEqual({ 'still changing': 1 });
    expect((await lookOnce(folder.again({ settleMs: 0 }), look.state))?.products).toHaveLength(1);
  });

  it('settles by our own watching where the file system is ahead of our clock', () => {
    const clock = fakeClock('2026-09-01T00:00:00Z');
    const ahead = clock.now().getTime() + 3_600_000;
    const settling = new Settling(10_000, clock);
    const file = { dir: '', name: 'a', size: 1, mtimeMs: ahead, ctimeMs: ahead };
    expect(settling.remainingMs(file)).toBe(10_000);
    void clock.sleep(6000);
    expect(settling.remainingMs(file)).toBe(4000);
    settling.begin();
    expect(settling.remainingMs({ ...file, size: 2 })).toBe(10_000);
    void clock.sleep(10_000);
    settling.begin();
    expect(settling.remainingMs({ ...file, size: 2 })).toBe(0);
  });
});

describe('news of a folder', () => {
  /** What of the system's watches this process holds. */
  const watches = () => process.getActiveResourcesInfo().filter((name) => /FSEvent/i.test(name)).length;
  const within = async (news: Promise<void>, ms: number) =>
    Promise.race([news.then(() => 'news' as const), delay(ms, 'nothing' as const)]);

  it('comes when an image arrives, at any depth, copied or moved there, and not of what is known', async () => {
    const folder = await testFolder({ ...sized, settleMs: 100 });
    await folder.put(`deep/er/${ID}.json`, isd);
    await folder.put(`deep/er/${ID}.tif`, await tinyTiff());
    await delay(20);
    await folder.look();
    const stop = new AbortController();
    let news = folder.source.news(stop.signal);
    expect(await within(news, 1000)).toBe('nothing');
    await folder.put('deep/er/notes.txt', 'nothing to us');
    await folder.put(`deep/er/.${OTHER}.tif.Xy12`, await tinyTiff());
    expect(await within(news, 700)).toBe('nothing');
    await folder.put(`deep/new/${OTHER}.tif`, await tinyTiff());
    expect(await within(news, 5000)).toBe('news');
    news = folder.source.news(stop.signal);
    await rename(join(folder.root, `deep/er/.${OTHER}.tif.Xy12`), join(folder.root, `deep/er/${OTHER}.tif`));
    expect(await within(news, 5000)).toBe('news');
    // A known image that is written anew.
    news = folder.source.news(stop.signal);
    await appendFile(join(folder.root, `deep/er/${ID}.tif`), 'x');
    expect(await within(news, 5000)).toBe('news');
    stop.abort();
  }, 30_000);

  it('is of what came between the last look and the watch, and between two calls', async () => {
    const folder = await testFolder({ ...sized, settleMs: 50 });
    await folder.look();
    await delay(20);
    await folder.put(`${ID}.tif`, await tinyTiff());
    const stop = new AbortController();
    expect(await within(folder.source.news(stop.signal), 5000)).toBe('news');
    await folder.put(`${OTHER}.tif`, await tinyTiff());
    await delay(500);
    expect(await within(folder.source.news(stop.signal), 5000)).toBe('news');
    stop.abort();
  }, 20_000);

  it('waits until what arrives has come to rest', async () => {
    const folder = await testFolder({ ...sized, settleMs: 1500 });
    await folder.look();
    const stop = new AbortController();
    const news = folder.source.news(stop.signal);
    await delay(300);
    const path = join(folder.root, `${ID}.tif`);
    await writeFile(path, 'x');
    for (let i = 0; i < 8; i++) {
      expect(await within(news, 200)).toBe('nothing');
      await appendFile(path, 'x');
    }
    expect(await within(news, 5000)).toBe('news');
    stop.abort();
  }, 20_000);

  it('comes when what was still changing at the last look has come to rest, though nothing more happens', async () => {
    const folder = await testFolder({
      ...sized,
      settleMs: 4000,
      clock: { ...systemClock, sleep: () => Promise.resolve() },
    });
    await folder.put(`${ID}.json`, isd);
    await folder.put(`${ID}.tif`, await tinyTiff());
    await delay(20);
    const look = await found(folder);
    expect(look.ids).toEqual([]);
    const stop = new AbortController();
    const news = folder.source.news(stop.signal);
    expect(await within(news, 700)).toBe('nothing');
    expect(await within(news, 8000)).toBe('news');
    expect((await found(folder, look.state)).ids).toEqual([ID]);
    stop.abort();
  }, 20_000);

  it('leaves no watch behind when it is given up, or the source is closed', async () => {
    const before = watches();
    const folder = await testFolder({ ...sized, settleMs: 50 });
    await mkdir(join(folder.root, 'a/b/c'), { recursive: true });
    for (let i = 0; i < 3; i++) {
      const stop = new AbortController();
      const news = folder.source.news(stop.signal);
      await delay(300);
      expect(watches()).toBeGreaterThan(before);
      stop.abort(new Error('enough'));
      await expect(news).rejects.toThrow('enough');
      await delay(100);
      expect(watches()).toBe(before);
    }
    const stop = new AbortController();
    const news = folder.source.news(stop.signal);
    await delay(300);
    await folder.put(`${ID}.tif`, await tinyTiff());
    await news;
    await folder.source.close();
    await delay(100);
    expect(watches()).toBe(before);
  }, 20_000);

  it('takes a watch for each folder and not for each file', async () => {
    const folder = await testFolder({ ...sized, settleMs: 50 });
    for (let n = 0; n < 200; n++) await folder.put(`dir/M${100_000_000 + n}LC.tif`, 'x');
    await delay(50);
    await folder.look();
    const before = watches();
    const stop = new AbortController();
    const news = folder.source.news(stop.signal);
    await delay(700);
    expect(watches() - before).toBeGreaterThan(0);
    expect(watches() - before).toBeLessThan(10);
    stop.abort(new Error('enough'));
    await expect(news).rejects.toThrow('enough');
  }, 20_000);

  it('says so where the folder is not there', async () => {
    const folder = await testFolder(sized);
    await rm(folder.root, { recursive: true });
    await expect(folder.source.news(AbortSignal.timeout(5000))).rejects.toThrow(/^There is no folder /);
  });
});

it('a look is given up when it is told to', async () => {
  const folder = await testFolder({ ...sized, clock: systemClock, settleMs: 30_000 });
  await folder.put(`${ID}.json`, isd);
  await folder.put(`${ID}_pyr.tif`, await tinyTiff());
  const stop = new AbortController();
  const looking = (async () => {
    for await (const release of folder.source.discover(null, stop.signal))
      for await (const { product } of release.products) throw new Error(`took ${product.productId}`);
  })();
  await delay(200);
  stop.abort(new Error('enough'));
  await expect(looking).rejects.toThrow('enough');
});

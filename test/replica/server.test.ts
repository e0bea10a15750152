import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startReplica } from '../../src/replica/replica.js';
import type { TruthEntry } from '../../src/replica/truth.js';
import { quickScenes, testReplica } from './support.js';

const DATA_SET = 'LRO-L-LROC-3-CDR-V1.0';

async function pictureOf(replica: Awaited<ReturnType<typeof testReplica>>): Promise<string> {
  const table = await (await fetch(`${replica.address}${DATA_SET}/LROLRC_1067A/INDEX/INDEX.TAB`)).text();
  const [, day, id] = /\/(\d{7})\/NAC\/(M\d+[LR]C)\.IMG/.exec(table)!;
  return `${replica.address}${DATA_SET}/LROLRC_1067A/EXTRAS/BROWSE/${day}/${id}_pyr`;
}

describe('the replica', () => {
  it('serves volumes below its root and below /data/, sent on to a second host as the archive does', async () => {
    const replica = await testReplica();
    for (const base of [replica.address, `${replica.address}data/`]) {
      const first = await fetch(`${base}${DATA_SET}/LROLRC_1067A/INDEX/INDEX.LBL`, { redirect: 'manual' });
      expect(first.status).toBe(302);
      expect(first.headers.get('location')).toBe(
        `${replica.address.replace('127.0.0.1', 'localhost')}data/store/img/lunar_reconnaissance_orbiter/pds4/lroc/lro-l-lroc-3-cdr/LROLRC_1067A/INDEX/INDEX.LBL`,
      );
      const label = await fetch(first.headers.get('location')!);
      expect(await label.text()).toMatch(/^PDS_VERSION_ID/);
    }
  });

  it('says with a checksum in the label what the picture is', async () => {
    const replica = await testReplica();
    const picture = await pictureOf(replica);
    const label = await (await fetch(`${picture}.xml`)).text();
    const content = Buffer.from(await (await fetch(`${picture}.tif`)).arrayBuffer());
    expect(/<file_size unit="byte">(\d+)</.exec(label)?.[1]).toBe(String(content.length));
    expect(/<md5_checksum>(\w+)</.exec(label)?.[1]).toBe(createHash('md5').update(content).digest('hex'));
  });

  it('answers conditional requests with 304', async () => {
    const replica = await testReplica();
    const url = `${replica.address}${DATA_SET}/LROLRC_1067A/INDEX/INDEX.LBL`;
    const { headers } = await fetch(url);
    const [etag, modified] = [headers.get('etag')!, headers.get('last-modified')!];
    expect((await fetch(url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect((await fetch(url, { headers: { 'If-Modified-Since': modified } })).status).toBe(304);
    expect((await fetch(url, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
  });

  it('gives one range as 206, several as the whole, one outside as 416', async () => {
    const replica = await testReplica();
    const url = `${await pictureOf(replica)}.tif`;
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    const ask = async (range: string) => {
      const response = await fetch(url, { headers: { Range: range } });
      return {
        status: response.status,
        range: response.headers.get('content-range'),
        body: Buffer.from(await response.arrayBuffer()),
      };
    };
    expect(await ask('bytes=100-199')).toEqual({
      status: 206,
      range: 'bytes 100-199/40000',
      body: whole.subarray(100, 200),
    });
    expect(await ask('bytes=39990-')).toEqual({
      status: 206,
      range: 'bytes 39990-39999/40000',
      body: whole.subarray(39990),
    });
    expect(await ask('bytes=-10')).toEqual({
      status: 206,
      range: 'bytes 39990-39999/40000',
      body: whole.subarray(39990),
    });
    expect(await ask('bytes=0-9,20-29')).toEqual({ status: 200, range: null, body: whole });
    expect((await ask('bytes=40000-')).status).toBe(416);
  });

  it('says 403 with an S3 error, or 404, for what is not released, and for paths outside', async () => {
    const replica = await testReplica();
    const missing = await fetch(`${replica.address}${DATA_SET}/LROLRC_1067B/INDEX/INDEX.LBL`);
    expect([missing.status, await missing.text()]).toEqual([
      403,
      expect.stringContaining('<Code>AccessDenied</Code>'),
    ]);
    const other = await testReplica({ missingStatus: 404 });
    expect((await fetch(`${other.address}${DATA_SET}/LROLRC_1067B/INDEX/INDEX.LBL`)).status).toBe(404);
    expect((await fetch(`${other.address}etc/passwd`)).status).toBe(404);
    expect((await fetch(other.address, { method: 'PUT' })).status).toBe(405);
  });

  it('releases the next volume on request, and tells the truth of released products only', async () => {
    const replica = await testReplica();
    const truth = async () => (await (await fetch(`${replica.address}truth.json`)).json()) as TruthEntry[];
    const before = await truth();
    expect(before).toHaveLength(4 * 5);
    expect(Object.keys(before[0]!)).toEqual([
      'product_id',
      'terrain',
      'kind',
      'line',
      'sample',
      'lon',
      'lat',
      'size_m',
    ]);
    const answer = await fetch(`${replica.address}release`, { method: 'POST' });
    expect(await answer.json()).toEqual({ released: 'LROLRC_1067B' });
    const after = await truth();
    expect(after).toHaveLength(8 * 5);
    expect(after.slice(0, 20)).toEqual(before);
    expect((await fetch(`${replica.address}${DATA_SET}/LROLRC_1067B/INDEX/INDEX.LBL`)).status).toBe(200);
  });

  it('places what is planted within the corners of its product', async () => {
    const replica = await testReplica();
    for (const { product_id: id, lat } of await replica.truth()) {
      const { look } = replica.volumes[0]!.products.find(({ productId }) => productId === id)!;
      const { upperLeft, upperRight, lowerRight, lowerLeft } = look.strip.corners();
      const lats = [upperLeft, upperRight, lowerRight, lowerLeft].map((corner) => corner.lat);
      expect(lat).toBeGreaterThan(Math.min(...lats));
      expect(lat).toBeLessThan(Math.max(...lats));
    }
  });

  it('starts, without being told, with what an archive would have released by now', async () => {
    const replica = await startReplica({ port: 0, seed: 1, images: 1, scenes: quickScenes() });
    onTestFinished(() => replica.close());
    const { to } = replica.volumes[0]!.period;
    const days = (Date.now() - to.getTime()) / 86_400_000;
    expect(days).toBeGreaterThan(85);
    expect(days).toBeLessThan(125);
  });

  it('makes each picture once, and the one that is asked for next', async () => {
    const made: number[] = [];
    const quick = quickScenes();
    const scenes = {
      ...quick,
      async make(spec: Parameters<typeof quick.make>[0], path: string) {
        made.push(spec.seed);
        await quick.make(spec, path);
      },
    };
    const replica = await testReplica({ scenes, prepare: true });
    const picture = await pictureOf(replica);
    for (const each of ['.xml', '.tif', '.xml']) await (await fetch(picture + each)).arrayBuffer();
    await expect.poll(() => made.length).toBe(4);
    expect(new Set(made).size).toBe(4);
  });

  it('says in one sentence that its port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    await expect(startReplica({ port, seed: 1, images: 1, scenes: quickScenes() })).rejects.toMatchObject({
      name: 'OperationalError',
      code: 'port_in_use',
      message: `port ${port} on 127.0.0.1 is in use; stop what listens there or give another one by --port.`,
    });
  });
});

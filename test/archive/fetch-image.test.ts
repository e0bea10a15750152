import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Answer } from '../../src/archive/http/http-client.js';
import type { Product } from '../../src/domain/product.js';
import type { Replica } from '../../src/replica/replica.js';
import { testReplica } from '../replica/support.js';
import { all, product, testServer, testSource, type TestSource, productsOf } from './support.js';

async function archiveWith(options: Parameters<typeof testReplica>[0] = {}): Promise<{
  replica: Replica;
  at: TestSource;
  image: Product;
}> {
  const replica = await testReplica({ images: 1, ...options });
  const at = await testSource([replica.address]);
  for await (const release of at.source.discover(null)) {
    const [image] = await productsOf(release);
    return { replica, at, image: image! };
  }
  throw new Error('nothing released');
}

describe('fetching an image', () => {
  it('gives a verified file, its checksum and its public address', async () => {
    const { replica, at, image } = await archiveWith();
    const fetched = await at.source.fetchImage(image, at.dir);
    const content = await readFile(fetched.source as string);
    expect(fetched).toEqual({
      source: `${at.dir}/${image.productId}_pyr.tif`,
      url: expect.stringMatching(
        new RegExp(
          `^${replica.address}LRO-L-LROC-3-CDR-V1\\.0/LROLRC_1067A/EXTRAS/BROWSE/2026\\d{3}/M\\d{10}LC_pyr\\.tif$`,
        ),
      ) as string,
      checksum: `sha256:${createHash('sha256').update(content).digest('hex')}`,
      bytes: 40_000,
      isd: null,
    });
    expect(await at.leftovers()).toEqual([`${image.productId}_pyr.tif`]);
  });

  it('follows the archive from its front host to its store', async () => {
    const { replica, at, image } = await archiveWith();
    const before = replica.log.length;
    await at.source.fetchImage(image, at.dir);
    const asked = replica.log.slice(before).map(({ host, status }) => `${host.split(':')[0]} ${status}`);
    expect(asked).toEqual(['127.0.0.1 302', 'localhost 200', '127.0.0.1 302', 'localhost 200']);
  });

  it.each([
    ['cut short', { cutAt: 20_000 }],
    ['changed on the way', { corruptAt: 20_000 }],
    ['an HTML page', { status: 200, body: '<html><body>Try later</body></html>' }],
    ['an HTTP 500', { status: 500 }],
    ['stalled', { delayMs: 400 }],
  ])('is repeated when the body was %s, and given up when it stays so, without a trace', async (_, fault) => {
    const replica = await testReplica({ images: 1 });
    const at = await testSource([replica.address], { timeoutMs: 200, retries: 1 });
    const image = (await productsOf((await all(at.source.discover(null)))[0]!))[0]!;
    replica.faults.add({ match: /store.*_pyr\.tif/, times: 1, ...fault });
    await expect(at.source.fetchImage(image, at.dir)).resolves.toMatchObject({ bytes: 40_000 });
    replica.faults.add({ match: /store.*_pyr\.tif/, ...fault });
    await expect(at.source.fetchImage(image, at.dir)).rejects.toMatchObject({
      name: 'TransientError',
      message: expect.stringMatching(/^http:\/\/\S+_pyr\.tif .*asked again later\.$/) as string,
    });
    expect((await at.leftovers()).filter((name) => name.includes('.part'))).toEqual([]);
  });

  it('gives up a body that drips, and not one that is slow', async () => {
    let bytes = 10;
    const server = await testServer((_request, response) => {
      response.writeHead(200, { 'Content-Length': 40_000 });
      let left = 40_000;
      const timer = setInterval(() => {
        response.write(Buffer.alloc(Math.min(bytes, left)));
        if ((left -= bytes) <= 0) response.end();
      }, 20);
      response.once('close', () => clearInterval(timer));
    });
    const { client } = await testSource([server.url], { timeoutMs: 300, retries: 0 });
    const lengthOf = async ({ body }: Answer): Promise<number> => {
      let length = 0;
      for await (const chunk of body) length += chunk.length;
      return length;
    };
    await expect(client.get(server.url, lengthOf)).rejects.toMatchObject({ code: 'timeout' });
    bytes = 1000;
    expect(await client.get(server.url, lengthOf)).toBe(40_000);
  });

  it('says "missing" for a product without a picture', async () => {
    const { replica, at, image } = await archiveWith();
    replica.faults.add({ match: /_pyr\.xml/, status: 403 });
    await expect(at.source.fetchImage(image, at.dir, { fallback: false })).rejects.toMatchObject({
      name: 'MissingProductError',
      message: expect.stringMatching(/_pyr\.xml is not in the archive yet \(HTTP 403\)\.$/) as string,
    });
  });

  it('does not repeat a request that the archive wants much later, and leaves the host alone', async () => {
    const { replica, at, image } = await archiveWith();
    replica.faults.add({ match: /store.*_pyr\.xml/, status: 429, headers: { 'Retry-After': '1800' } });
    const refused = await at.source.fetchImage(image, at.dir).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'throttled', retryAfterS: 1800 });
    const before = replica.log.filter(({ host }) => host.startsWith('localhost')).length;
    await expect(at.source.fetchImage(image, at.dir)).rejects.toMatchObject({ code: 'held_off' });
    expect(replica.log.filter(({ host }) => host.startsWith('localhost'))).toHaveLength(before);
  });

  it('calls a picture invalid when it is what its label says but no TIFF', async () => {
    const scenes = {
      truth: () => Promise.resolve([]),
      make: (_spec: unknown, path: string) => writeFile(path, 'plain text in place of an image'),
      close: () => Promise.resolve(),
    };
    const { at, image } = await archiveWith({ scenes });
    await expect(at.source.fetchImage(image, at.dir)).rejects.toMatchObject({ code: 'not_an_image' });
    expect(await at.leftovers()).toEqual([]);
  });

  it('never writes outside its folder', async () => {
    const { at } = await archiveWith();
    const evil = product({ productId: '../../M1271742202LC' });
    await expect(at.source.fetchImage(evil, at.dir)).rejects.toMatchObject({ name: 'InvalidProductError' });
  });

  it.each([
    ['in circles', 302, '/again', /redirects in a circle, back to http:\/\/\S+\/again;/],
    ['to a file', 302, 'file:///etc/passwd', /leads to file:\/\/\/etc\/passwd: not http/],
  ])('does not follow a redirect %s', async (_, status, location, message) => {
    const server = createServer((_request, response) => response.writeHead(status, { location }).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const at = await testSource([`http://127.0.0.1:${port}`], { retries: 0 });
    await expect(at.source.fetchImage(product(), at.dir)).rejects.toThrow(message);
  });

  it('stops at once when aborted, with the reason given', async () => {
    const { replica, at, image } = await archiveWith();
    replica.faults.add({ match: /store.*_pyr\.tif/, delayMs: 2000 });
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('stopped')), 100);
    const started = performance.now();
    await expect(at.source.fetchImage(image, at.dir, { signal: abort.signal })).rejects.toThrow('stopped');
    expect(performance.now() - started).toBeLessThan(1500);
    expect(await at.leftovers()).toEqual([]);
  });
});

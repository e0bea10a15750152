import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ArchiveSource, FetchedImage } from '../../src/archive/archive-source.js';
import { isdAddress, withIsd } from '../../src/archive/fetch/with-isd.js';
import { openSource } from '../../src/cli/open-archive.js';
import { loadConfig } from '../../src/config/load.js';
import type { Product } from '../../src/domain/product.js';
import { testFolder, testServer, testSource } from './support.js';

const product = {
  productId: 'M1271742202LC',
  imageId: 'M1271742202L',
  volumeId: 'LROLRC_1030C',
  startTime: new Date('2018-02-03T23:59:00Z'),
} as Product;

/** A source that has the image at hand. */
function sourceOf(more: Partial<FetchedImage> = {}): ArchiveSource {
  const image = {
    source: '/image.tif',
    url: 'http://a/image.tif',
    checksum: 'sha256:0',
    bytes: 1,
    isd: null,
  };
  return {
    id: 'test',
    discover: () => {
      throw new Error('not asked');
    },
    fetchImage: () => Promise.resolve({ ...image, ...more }),
    check: () => Promise.resolve('fine'),
    close: () => Promise.resolve(),
  };
}

/** What comes with the image from a server, or from elsewhere by `template`. */
async function fetched(
  answer: { status?: number; body?: string | Buffer },
  options: { template?: string; more?: Partial<FetchedImage>; signal?: AbortSignal } = {},
) {
  const server = await testServer((_, response) => {
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(answer.body ?? '{}');
  });
  const { client } = await testSource([server.url], { retries: 1 });
  const reasons: string[] = [];
  const template = options.template ?? `${server.url}isd/{volume_id}/{day}/{image_id}_isd.json`;
  const onNone = (productId: string, reason: string) => reasons.push(`${productId}: ${reason}`);
  const dir = await testFolder();
  const source = withIsd(sourceOf(options.more), { template, client, onNone });
  const image = await source.fetchImage(product, dir, options.signal && { signal: options.signal });
  return { image, reasons, dir, asked: server.asked.map(({ path }) => path), url: server.url };
}

describe('the address of a camera model', () => {
  it('names the product, its image, its volume and the day of its start', () => {
    expect(isdAddress('https://isd.example/{volume_id}/{day}/{image_id}/{product_id}.json', product)).toBe(
      'https://isd.example/LROLRC_1030C/2018034/M1271742202L/M1271742202LC.json',
    );
  });

  it.each([
    ['https://isd.example/{product}.json', /archive\.isd is not valid \(of placeholders only \{product_id\}/],
    ['https://isd.example/{product_id.json', /archive\.isd is not valid/],
    ['isd/{product_id}.json', /archive\.isd is not valid \(an address that begins with https/],
  ])('is refused as %s in one sentence', (template, sentence) => {
    expect(() => loadConfig(undefined, { SELENOSCAN_ARCHIVE_ISD: template })).toThrow(sentence);
  });
});

describe('a camera model from elsewhere', () => {
  it('comes beside the image, into the folder that goes with the scan', async () => {
    const { image, reasons, dir, asked } = await fetched({ body: '{"name_model":"x"}' });
    expect(asked).toEqual(['/isd/LROLRC_1030C/2018034/M1271742202L_isd.json']);
    expect(image).toMatchObject({
      source: '/image.tif',
      isd: join(dir, 'M1271742202L_isd.json'),
      isdOptional: true,
    });
    expect(readFileSync(image.isd ?? '', 'utf8')).toBe('{"name_model":"x"}');
    expect(reasons).toEqual([]);
  });

  it('is read where it lies when it is a file', async () => {
    const dir = await testFolder();
    mkdirSync(join(dir, 'two words'));
    const path = join(dir, 'two words', 'M1271742202LC.json');
    writeFileSync(path, '{}');
    const template = `${pathToFileURL(join(dir, 'two words')).href}/{product_id}.json`;
    expect((await fetched({}, { template })).image.isd).toBe(path);
    const other = await fetched({}, { template: template.replace('two', 'no') });
    expect(other.image.isd).toBeNull();
    expect(other.reasons).toEqual([
      expect.stringMatching(/^M1271742202LC: .*M1271742202LC\.json is not there\.$/),
    ]);
  });

  it.each([404, 403, 500, 429])(
    'that is answered by %i leaves the image without one, and says why',
    async (status) => {
      const { image, reasons, url } = await fetched({ status });
      expect(image).toMatchObject({ source: '/image.tif', isd: null });
      expect(reasons).toHaveLength(1);
      expect(reasons[0]).toContain(`${url}isd/`);
    },
  );

  it('that has no end is not taken', async () => {
    const { image, reasons, dir } = await fetched({ body: Buffer.alloc(65e6, ' ') });
    expect(image.isd).toBeNull();
    expect(reasons).toHaveLength(1);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is not asked for where one came with the image', async () => {
    const { image, asked } = await fetched({}, { more: { isd: '/beside.json' } });
    expect(image.isd).toBe('/beside.json');
    expect(image.isdOptional).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is not what ends a scan that is stopped', async () => {
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(fetched({}, { signal: stop })).rejects.toThrow('stopped');
  });
});

describe('archive.isd', () => {
  it.each(['index', 'ode'])('is heeded by the source %s', async (kind) => {
    const server = await testServer((_, response) => response.writeHead(404).end());
    const config = loadConfig(undefined, {
      SELENOSCAN_ARCHIVE_SOURCE: kind,
      SELENOSCAN_ARCHIVE_URLS: JSON.stringify([server.url]),
      SELENOSCAN_ARCHIVE_ODE: `${server.url}ode/`,
      SELENOSCAN_ARCHIVE_ISD: `${server.url}{product_id}.json`,
    });
    const bare = { ...config, archive: { ...config.archive, isd: '' } };
    const [source, plain] = [openSource(config), openSource(bare)];
    // All that a poller and a backfill ask of a source is there as without it.
    for (const method of ['discover', 'search', 'withSearched', 'fetchImage', 'check', 'close'] as const)
      expect(typeof source[method]).toBe(typeof plain[method]);
    expect(source.id).toBe(plain.id);
    expect(source.constructor).not.toBe(plain.constructor);
    await Promise.all([source.close(), plain.close()]);
  });
});

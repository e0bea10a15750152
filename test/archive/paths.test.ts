import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { browsePath, imgPath } from '../../src/archive/archive-urls.js';
import { fetchProduct } from '../../src/archive/fetch/fetch-product.js';
import { fetchUrl } from '../../src/archive/fetch/fetch-url.js';
import { openDownloadArea } from '../../src/archive/fetch/download-area.js';
import { withIsd } from '../../src/archive/fetch/with-isd.js';
import { openImage } from '../../src/archive/folder/open-image.js';
import { FILE_SPECIFICATION } from '../../src/archive/index/index-record.js';
import { isFileNamePart } from '../../src/domain/file-name-part.js';
import { writeStac } from '../../src/exports/stac/write-stac.js';
import { SCENE } from '../exports/scene-sample.js';
import { isUserFacing } from '../../src/domain/errors.js';
import { fakeClock, product, testFolder, testServer, testSource, type TestSource } from './support.js';

const BASE = 'https://archive.example/data/';

/** Words that have led out of folders, in all the ways they are written. */
const step = fc.constantFrom(
  ...[
    '..',
    '.',
    '...',
    '',
    '~',
    '/',
    '\\',
    '..\\..',
    '%2e%2e',
    '%2E%2e%2f',
    '..%2f',
    '%5c',
    '\0',
    '%00',
    'etc',
    'passwd',
  ],
  ...[
    'C:',
    '//evil.example',
    'http://evil.example',
    'file:///etc/passwd',
    '@evil.example',
    '?x',
    '#x',
    ';',
    '$(id)',
  ],
  ...[
    'LRO-L-LROC-3-CDR-V1.0',
    'LROLRC_1034',
    'DATA',
    'NAC',
    '2018028',
    'M1271742202LC',
    'M1271742202LC.IMG',
    'CON',
    '\u2025',
  ],
);
const hostile = fc.oneof(
  fc.array(step, { maxLength: 9 }).map((steps) => steps.join('/')),
  fc.array(step, { maxLength: 5 }).map((steps) => steps.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const id = fc.oneof(hostile, fc.constant('M1271742202LC'), fc.stringMatching(/^M\d{9,10}[LR][EC]$/));
/** A path that is right but for one step. */
const nearly = fc.tuple(fc.nat(5), step).map(([n, bad]) => {
  const steps = product().fileSpecification.split('/');
  steps[n] = bad;
  return steps.join('/');
});
const specification = fc.oneof(hostile, nearly, fc.constant(product().fileSpecification));

function isBelow(root: string, path: string): boolean {
  return resolve(path).startsWith(resolve(root) + sep);
}

describe('an address in the archive', () => {
  it('lies below the base address, or is refused, whatever the index calls a product', () => {
    let made = 0;
    fc.assert(
      fc.property(id, specification, (productId, fileSpecification) => {
        for (const path of [browsePath, imgPath]) {
          let address: string;
          try {
            address = path({ productId, fileSpecification });
          } catch (error) {
            expect(isUserFacing(error)).toBe(true);
            continue;
          }
          made++;
          const url = new URL(BASE + address);
          expect(url.href).toBe(BASE + address);
          expect(url.href.slice(BASE.length)).toMatch(/^[\w.-]+(\/[\w-][\w.-]*)+$/);
          expect(basename(url.pathname)).toContain(productId);
        }
      }),
      { numRuns: 2000 },
    );
    expect(made).toBeGreaterThan(10);
  });

  it('is made of every file specification that an index row may have', () => {
    fc.assert(
      fc.property(fc.stringMatching(FILE_SPECIFICATION), (fileSpecification) => {
        const productId = basename(fileSpecification, '.IMG');
        fc.pre(!/^[.-]/.test(fileSpecification));
        const url = new URL(BASE + imgPath({ productId, fileSpecification }));
        expect(url.href).toBe(BASE + fileSpecification);
      }),
    );
  });
});

describe('what is written and read', () => {
  let outer: string;
  let dir: string;
  let test: TestSource;
  let server: Awaited<ReturnType<typeof testServer>>;

  /** All files outside the download folder. */
  const outside = async (): Promise<string[]> => {
    const names = await readdir(outer, { recursive: true });
    return names.filter((name) => name !== 'download' && !name.startsWith(`download${sep}`)).sort();
  };

  beforeEach(async () => {
    outer = await testFolder();
    dir = join(outer, 'download');
    await mkdir(dir);
    await writeFile(join(outer, 'secret'), 'secret');
    // It has whatever it is asked for.
    server = await testServer((request, response) => {
      if (request.url?.endsWith('.xml') === true) response.writeHead(404).end();
      else response.end(Buffer.concat([Buffer.from('II*\0'), Buffer.alloc(100)]));
    });
    test = await testSource([server.url], { retries: 0 });
  });

  it('of a product lies in the download folder, whatever its ids are', async () => {
    await fc.assert(
      fc.asyncProperty(id, specification, fc.constantFrom('ptif', 'img'), async (productId, path, image) => {
        const wanted = { productId, fileSpecification: path };
        const area = openDownloadArea({ dir, limitBytes: 0, clock: fakeClock() });
        await fetchProduct(test.client, [server.url], wanted, dir, { access: 'download', image, area }).catch(
          (error: unknown) => {
            expect(isUserFacing(error), String(error)).toBe(true);
          },
        );
        expect(await outside()).toEqual(['secret']);
      }),
      { numRuns: 150 },
    );
    for (const { path } of server.asked) expect(path).not.toMatch(/\.\.|%|\/\//);
  }, 30_000);

  it('of an address lies in the download folder under a plain name, whatever the address ends in', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (path) => {
        fc.pre(URL.canParse(path, server.url) && new URL(path, server.url).host === new URL(server.url).host);
        const options = { dir, access: 'download' as const };
        const { href } = new URL(path, server.url);
        const { source } = await fetchUrl(test.client, href, options, 1000);
        expect(dirname(source as string)).toBe(dir);
        expect(basename(source as string)).toMatch(/^[\w.-]{1,100}$/);
        expect(await outside()).toEqual(['secret']);
      }),
      { numRuns: 100 },
    );
  }, 30_000);

  it('of a signed address is asked for with its signature and recorded without', async () => {
    const signed = `${server.url}a.tif?X-Amz-Signature=0123456789abcdef&x=1`;
    for (const access of ['download', 'range'] as const) {
      const told = await fetchUrl(test.client, signed, { dir, access }, 1000).catch(
        (error: unknown) => error,
      );
      expect(server.asked.at(-1)?.path).toBe('/a.tif?X-Amz-Signature=0123456789abcdef&x=1');
      // This server knows no ranges, and the error says so of the address.
      const shown = told instanceof Error ? told.message : (told as { url: string }).url;
      expect(shown).toContain(`${server.url}a.tif?X-Amz-Signature=***&x=1`);
    }
  });

  it('of a camera model lies in its folder, here and at its server', async () => {
    await writeFile(join(outer, 'secret_isd.json'), '{}');
    let found = 0;
    for (const [template, kind] of [
      [`file://${dir}/{volume_id}/{product_id}_isd.json`, 'file'],
      [`file://${dir}/{image_id}_isd.json`, 'file'],
      [`${server.url}isd/{volume_id}/{image_id}_isd.json`, 'web'],
    ] as const) {
      const bare = { source: '', url: '', checksum: null, bytes: 0, isd: null };
      const source = withIsd({ ...test.source, id: 'x', fetchImage: () => Promise.resolve(bare) } as never, {
        template,
        client: test.client,
      });
      await fc.assert(
        fc.asyncProperty(
          id,
          id,
          fc.oneof(hostile, fc.constant('LROLRC_1034')),
          async (productId, imageId, volumeId) => {
            const asked = server.asked.length;
            const image = await source.fetchImage(product({ productId, imageId, volumeId }), dir);
            if (image.isd !== null) {
              found++;
              expect(isBelow(dir, image.isd)).toBe(true);
            }
            for (const { path } of server.asked.slice(asked))
              expect(path).toMatch(/^\/isd\/[\w.-]+\/[\w.-]+_isd\.json$/);
            if (kind === 'web') expect(await outside()).toEqual(['secret', 'secret_isd.json']);
          },
        ),
        { numRuns: 200 },
      );
    }
    expect(found).toBeGreaterThan(5);
  }, 30_000);

  it('of a watched folder is inside it, whatever path the database has of an image', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(hostile, fc.constantFrom('../secret', '../../etc/passwd', '/etc/passwd', 'a/../../secret')),
        async (fileSpecification) => {
          const wanted = { productId: 'M1271742202LC', fileSpecification, rowHash: 'x' };
          await expect(openImage(dir, wanted)).rejects.toSatisfy(
            (error: unknown) => isUserFacing(error) && !error.message.includes('secret\n'),
          );
        },
      ),
      { numRuns: 200 },
    );
    expect(await readFile(join(outer, 'secret'), 'utf8')).toBe('secret');
  });

  it('of a catalogue lies in its folder, whatever the database calls a product', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(id, async (productId) => {
        const catalogue = join(dir, `catalogue${n++}`);
        const scenes = (async function* () {
          await Promise.resolve();
          yield { ...SCENE, productId };
        })();
        const provenance = { modelId: '../../x', codeVersion: '0', createdAt: new Date(0) };
        const written = writeStac(catalogue, scenes, provenance as never);
        if (isFileNamePart(productId)) await written;
        else await expect(written).rejects.toThrow(/has an id that no folder can have/);
        expect(await outside()).toEqual(['secret']);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});

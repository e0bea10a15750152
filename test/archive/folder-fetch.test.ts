import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InvalidProductError, MissingProductError, TransientError } from '../../src/domain/errors.js';
import type { Product } from '../../src/domain/product.js';
import { testReplica } from '../replica/support.js';
import { contentOf, mirror, tempFolder, testFolder, tinyTiff, type TestFolder } from './folder-support.js';

async function mirrored(): Promise<{ folder: TestFolder; product: Product; path: string; dir: string }> {
  const replica = await testReplica({ images: 2 });
  const folder = await testFolder();
  await mirror(replica, folder.root);
  const [product] = (await folder.look())?.products ?? [];
  if (product === undefined) throw new Error('no product');
  return { folder, product, path: join(folder.root, product.fileSpecification), dir: await tempFolder() };
}

describe('an image of a folder', () => {
  it('is opened where it lies, with its checksum, and nothing is copied or changed', async () => {
    const { folder, product, path, dir } = await mirrored();
    const before = await contentOf(folder.root);
    const image = await folder.source.fetchImage(product, dir);
    const bytes = await tinyTiff();
    expect(image).toEqual({
      source: path,
      url: pathToFileURL(path).href,
      checksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      bytes: bytes.length,
      isd: null,
    });
    expect(await readdir(dir)).toEqual([]);
    expect(await contentOf(folder.root)).toEqual(before);
  });

  it('brings the camera model beside it, the one that is called so first', async () => {
    const { folder, product, path, dir } = await mirrored();
    const beside = (name: string) => join(path, '..', name);
    await writeFile(beside(`${product.imageId}.json`), '{}');
    expect((await folder.source.fetchImage(product, dir)).isd).toBe(beside(`${product.imageId}.json`));
    await writeFile(beside(`${product.productId}_isd.json`), '{}');
    await writeFile(beside('M100000000LC_isd.json'), '{}');
    expect((await folder.source.fetchImage(product, dir)).isd).toBe(beside(`${product.productId}_isd.json`));
  });

  it('that is gone is missing, and that of an absent folder is trouble', async () => {
    const { folder, product, path, dir } = await mirrored();
    await rm(path);
    const fetched = folder.source.fetchImage(product, dir);
    await expect(fetched).rejects.toThrow(MissingProductError);
    await expect(fetched).rejects.toThrow(`${path} is not there any more; it is looked for again later.`);
    await rename(folder.root, `${folder.root}-away`);
    try {
      await expect(folder.source.fetchImage(product, dir)).rejects.toThrow(
        /^There is no folder .* mounted\.$/,
      );
    } finally {
      await rename(`${folder.root}-away`, folder.root);
    }
  });

  it('that was replaced since it was announced is left to its next announcement', async () => {
    const { folder, product, path, dir } = await mirrored();
    await writeFile(path, await tinyTiff(3));
    const fetched = folder.source.fetchImage(product, dir);
    await expect(fetched).rejects.toThrow(TransientError);
    await expect(fetched).rejects.toMatchObject({ code: 'changed' });
  });

  it('whose bytes are not those of its label is refused', async () => {
    const { folder, path, dir } = await mirrored();
    await writeFile(path, await tinyTiff(3));
    const products = (await folder.look())?.products ?? [];
    const product = products.find(({ fileSpecification }) => path.endsWith(fileSpecification));
    const fetched = folder.source.fetchImage(product!, dir);
    await expect(fetched).rejects.toMatchObject({ code: 'checksum_mismatch' });
    await expect(fetched).rejects.toThrow(
      `${path} has another MD5 than its label says; it is looked at again later.`,
    );
  });

  it('is not opened outside the folder, by its path or by a link', async () => {
    const { folder, product, path, dir } = await mirrored();
    const outside = join(await tempFolder(), 'secret.tif');
    await writeFile(outside, await tinyTiff());
    const refused = async (fileSpecification: string) => {
      const fetched = folder.source.fetchImage({ ...product, fileSpecification }, dir);
      await expect(fetched).rejects.toThrow(InvalidProductError);
      await expect(fetched).rejects.toThrow(/, which is not in the folder .*; it is not opened\.$/);
    };
    await refused(outside);
    await refused(`../${outside.split('/').slice(-2).join('/')}`);
    await refused('/etc/passwd');
    await rm(path);
    await symlink(outside, path);
    await refused(product.fileSpecification);
  });

  it('that cannot be read is tried again later', async () => {
    const { folder, product, path, dir } = await mirrored();
    await rm(path);
    await symlink(path, path);
    const fetched = folder.source.fetchImage(product, dir);
    await expect(fetched).rejects.toMatchObject({ code: 'unreadable' });
    await expect(fetched).rejects.toThrow(TransientError);
  });
});

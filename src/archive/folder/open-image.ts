import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidProductError, MissingProductError, TransientError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import type { FetchedImage } from '../archive-source.js';
import { identityIn, imageIdentity } from './image-identity.js';
import { readImageLabel } from './image-label.js';
import { isdBeside } from './isd-beside.js';
import { codeOf, isInside, reasonOf } from './walk-folder.js';

/**
 * Opens an image where it lies: nothing is copied, and nothing in the folder is ever changed. Its bytes are read
 * once for their checksum, which is compared with that of the label beside it where there is one.
 * @param root real path of the folder
 * @throws MissingProductError when the image is gone
 * @throws TransientError when it changed since it was announced, or while it was read
 * @throws InvalidProductError when the product's path leads out of the folder
 */
export async function openImage(
  root: string,
  product: Pick<Product, 'productId' | 'fileSpecification' | 'rowHash'>,
  signal?: AbortSignal,
): Promise<FetchedImage> {
  const path = resolve(root, product.fileSpecification);
  try {
    await assertInside(root, path, product.productId);
    const before = await stat(path);
    if (!before.isFile()) throw gone(path);
    const identity = await imageIdentity(path, before);
    if (identity !== identityIn(product.rowHash)) throw changed(path, 'changed since it was announced');
    const { bytes, md5 } = await readImageLabel(path);
    const sums = await checksums(path, signal);
    const after = await stat(path);
    const same = after.size === before.size && after.mtimeMs === before.mtimeMs && after.ino === before.ino;
    if (!same || sums.bytes !== before.size) throw changed(path, 'changed while it was read');
    if (bytes !== null && bytes !== sums.bytes)
      throw changed(path, `has another size than the ${bytes} bytes of its label`, 'size_mismatch');
    if (md5 !== null && md5 !== sums.md5)
      throw changed(path, 'has another MD5 than its label says', 'checksum_mismatch');
    return {
      source: path,
      url: pathToFileURL(path).href,
      checksum: `sha256:${sums.sha256}`,
      bytes: sums.bytes,
      isd: await isdBeside(path),
    };
  } catch (error) {
    throw toOurs(error, path);
  }
}

/** A product comes from a database: its path is not trusted to stay in the folder. */
async function assertInside(root: string, path: string, productId: string): Promise<void> {
  // A file system takes no NUL.
  const isPath = !path.includes('\0');
  if (isPath && isInside(root, path) && isInside(root, await realpath(path))) return;
  throw new InvalidProductError(
    'outside',
    `The file of ${productId} would be ${JSON.stringify(path)}, which is not in the folder ${root}; it is not opened.`,
  );
}

async function checksums(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ bytes: number; sha256: string; md5: string }> {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')];
  let bytes = 0;
  const stream = createReadStream(path, { highWaterMark: 2 ** 20, signal });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    md5.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: sha256.digest('hex'), md5: md5.digest('hex') };
}

/** File systems' errors as the errors that decide a scan's state. */
function toOurs(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return gone(path, error);
  const isSystem = error instanceof Error && 'syscall' in error;
  if (!isSystem) return error;
  const message = `${path} cannot be read (${reasonOf(error)}); it is tried again later.`;
  return new TransientError('unreadable', message, { cause: error });
}

function gone(path: string, cause?: unknown): MissingProductError {
  return new MissingProductError(`${path} is not there any more; it is looked for again later.`, { cause });
}

function changed(path: string, how: string, code = 'changed'): TransientError {
  return new TransientError(code, `${path} ${how}; it is looked at again later.`);
}

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { DataSet } from '../archive/data-set.js';
import { UsageError } from '../domain/errors.js';

/** What an argument of `scan` names. */
export type ScanTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'product'; readonly productId: string };

/** Product id, or image id without its last letter. */
const ID = /^M\d{9,10}[LR][EC]?$/;
const ID_IN_NAME = /M\d{9,10}[LR][EC]?(?![A-Z\d])/;

/**
 * Tells a file, an address and a product id apart. An image id means the product of the configured data set; a
 * file that is there is a file, whatever its name.
 * @throws UsageError when it looks like an address but is none
 */
export function scanTarget(given: string, dataSet: DataSet): ScanTarget {
  if (given.trim() === '')
    throw new UsageError('An image without a name was given; name a file, an address or a product id.');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(given)?.[1]?.toLowerCase() ?? 'http';
  if (!/^https?$/.test(scheme) && !existsSync(given))
    throw new UsageError(`${given}: addresses of ${scheme} are not read; give a path, or an http address.`);
  if (/^https?:/i.test(given)) {
    if (!URL.canParse(given)) throw new UsageError(`${given} is not an address; check it.`);
    const { href, username, password } = new URL(given);
    if (username + password !== '')
      throw new UsageError(
        `${given} holds a user or password, which are not sent; give the address without.`,
      );
    return { kind: 'url', url: href };
  }
  const id = given.toUpperCase();
  if (!ID.test(id) || existsSync(given)) return { kind: 'file', path: given };
  const letter = dataSet === 'edr' ? 'E' : 'C';
  return { kind: 'product', productId: /[EC]$/.test(id) ? id : id + letter };
}

/** Product or image id that the name of a file or the path of an address carries; null when it has none. */
export function idInName(path: string): string | null {
  return ID_IN_NAME.exec(basename(path).toUpperCase())?.[0] ?? null;
}

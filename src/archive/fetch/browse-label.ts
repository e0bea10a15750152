import { InvalidProductError, TransientError } from '../../domain/errors.js';
import { contentsOf, withoutXmlComments } from '../../domain/xml-text.js';

/** What a detached PDS4 label says of the file beside it. */
export interface FileLabel {
  readonly fileName: string;
  /** null where it is not told. */
  readonly bytes: number | null;
  /** Lower-case hex; null where it is not told. */
  readonly md5: string | null;
}

/** The label of a browse image, which tells both. */
export interface BrowseLabel extends FileLabel {
  readonly bytes: number;
  readonly md5: string;
}

/**
 * Reads a PDS4 browse label (`<ID>_pyr.xml`).
 * @param url where it came from, for messages
 * @throws InvalidProductError when it labels another file or another body than the Moon
 * @throws TransientError when it is no such label
 */
export function parseBrowseLabel(xml: string, productId: string, url: string): BrowseLabel {
  const { fileName, bytes, md5 } = readFileLabel(xml, url, 'a browse image');
  if (bytes === null || md5 === null) throw noLabel(url, 'a browse image');
  assertFile(fileName, `${productId}_pyr.tif`, productId, url);
  return { fileName, bytes, md5 };
}

/**
 * Reads the PDS4 label beside a product's own file (`<ID>.xml`). Labels of the archive tell size and MD5; one that
 * does not is taken for what it says.
 * @throws as `parseBrowseLabel`
 */
export function parseImgLabel(xml: string, productId: string, url: string): FileLabel {
  const label = readFileLabel(xml, url, 'an image');
  assertFile(label.fileName.toUpperCase(), `${productId}.IMG`, productId, url);
  return label;
}

function readFileLabel(xml: string, url: string, what: string): FileLabel {
  const text = withoutXmlComments(xml);
  for (const target of contentsOf(text, 'Target_Identification')) {
    const body = value(target, 'name') ?? '';
    if (body.toLowerCase() !== 'moon') {
      throw new InvalidProductError('other_body', `${url} says that the image shows ${body}, not the Moon.`);
    }
  }
  const [file = ''] = contentsOf(text, 'File');
  const fileName = value(file, 'file_name');
  const bytes = value(file, 'file_size');
  const md5 = value(file, 'md5_checksum')?.toLowerCase() ?? null;
  const size = bytes === null ? null : Number(bytes);
  if (fileName === null || (size !== null && (!Number.isSafeInteger(size) || size < 1)))
    throw noLabel(url, what);
  if (md5 !== null && !/^[0-9a-f]{32}$/.test(md5)) throw noLabel(url, what);
  return { fileName, bytes: size, md5 };
}

function noLabel(url: string, what: string): TransientError {
  return new TransientError('label', `${url} is not the label of ${what}; it is asked again later.`);
}

function assertFile(fileName: string, expected: string, productId: string, url: string): void {
  if (fileName === expected) return;
  throw new InvalidProductError('other_label', `${url} is the label of ${fileName}, not of ${productId}.`);
}

function value(xml: string, name: string): string | null {
  return contentsOf(xml, name)[0]?.trim() ?? null;
}

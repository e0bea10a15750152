import { InvalidProductError, TransientError } from '../domain/errors.js';

/** What the PDS4 label beside a browse image says of it. */
export interface BrowseLabel {
  readonly fileName: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly md5: string;
}

/**
 * Reads a PDS4 browse label (`<ID>_pyr.xml`).
 * @param url where it came from, for messages
 * @throws InvalidProductError when it labels another file or another body than the Moon
 * @throws TransientError when it is no such label
 */
export function parseBrowseLabel(xml: string, productId: string, url: string): BrowseLabel {
  const text = xml.replace(/<!--[\s\S]*?-->/g, '');
  for (const target of blocks(text, 'Target_Identification')) {
    const body = value(target, 'name') ?? '';
    if (body.toLowerCase() !== 'moon') {
      throw new InvalidProductError('other_body', `${url} says that the image shows ${body}, not the Moon.`);
    }
  }
  const [file = ''] = blocks(text, 'File');
  const fileName = value(file, 'file_name');
  const bytes = Number(value(file, 'file_size') ?? NaN);
  const md5 = value(file, 'md5_checksum')?.toLowerCase() ?? '';
  if (fileName === null || !Number.isSafeInteger(bytes) || bytes < 1 || !/^[0-9a-f]{32}$/.test(md5)) {
    throw new TransientError('label', `${url} is not the label of a browse image; it is asked again later.`);
  }
  if (fileName !== `${productId}_pyr.tif`) {
    throw new InvalidProductError('other_label', `${url} is the label of ${fileName}, not of ${productId}.`);
  }
  return { fileName, bytes, md5 };
}

/** Contents of every element of this name, whatever its namespace prefix. */
function blocks(xml: string, name: string): string[] {
  const pattern = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:\\w+:)?${name}\\s*>`, 'g');
  return [...xml.matchAll(pattern)].map((match) => match[1] ?? '');
}

function value(xml: string, name: string): string | null {
  return blocks(xml, name)[0]?.trim() ?? null;
}

import type { InvalidProductError } from '../domain/errors.js';
import { refuse } from './faults.js';

/** How many bytes of a file `sniff` wants to see. */
export const SNIFF_BYTES = 4096;

/**
 * Tells a TIFF from a PNG by its first bytes.
 *
 * @throws InvalidProductError naming what the file is in place of an image, when that can be told
 */
export function sniff(name: string, head: Uint8Array): 'tiff' | 'png' {
  if (head.length === 0) throw refuse('empty', `${name} is empty; fetch the file again.`);
  if (['49492a00', '4d4d002a', '49492b00', '4d4d002b'].includes(hex(head, 4))) return 'tiff';
  if (hex(head, 8) === '89504e470d0a1a0a') return 'png';
  throw asText(name, Buffer.from(head).toString('latin1')) ?? asBinary(name, head);
}

function asText(name: string, head: string): InvalidProductError | null {
  const text = head.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^<(!doctype\s+html|html|head|body)\b/i.test(text) || (text.startsWith('<') && /<html\b/i.test(text))) {
    return refuse(
      'html',
      `${name} is an HTML page in place of an image (often a server's error page); fetch the file again.`,
    );
  }
  if (/<Product_\w+[\s>]/.test(text)) {
    const image = /<file_name>\s*([^<\s]+)/.exec(text)?.[1];
    return refuse(
      'label',
      `${name} is a PDS4 label; give the image that it describes${image ? `, ${image}` : ''}.`,
    );
  }
  if (text.startsWith('<')) {
    const code = /<Code>\s*([^<]*)<\/Code>/.exec(text)?.[1];
    return refuse(
      'xml',
      `${name} is ${code ? `a server's error answer (${code.trim()})` : 'an XML document'} in place of an image; check its address and fetch it again.`,
    );
  }
  if (/^(PDS_VERSION_ID|CCSD3ZF|ODL_VERSION_ID)\b/.test(text)) {
    return refuse(
      'pds3',
      `${name} is a PDS3 product or label, which is not supported yet; give the product's _pyr.tif.`,
    );
  }
  if (/^Object\s*=\s*IsisCube/i.test(text)) {
    return refuse(
      'unknown_format',
      `${name} is an ISIS cube; convert it to an 8-bit TIFF with isis2std or GDAL.`,
    );
  }
  return null;
}

function asBinary(name: string, head: Uint8Array): InvalidProductError {
  if (head.every((byte) => byte === 0)) {
    return refuse('undecodable', `${name} holds zeros in place of an image; fetch the file again.`);
  }
  const known: readonly (readonly [magic: string, what: string])[] = [
    ['ffd8ff', 'a JPEG'],
    ['1f8b', 'a gzip archive'],
    ['504b0304', 'a zip archive'],
    ['0000000c6a502020', 'a JPEG 2000'],
  ];
  const what = known.find(([magic]) => hex(head, magic.length / 2) === magic)?.[1] ?? 'of an unknown format';
  return refuse('unknown_format', `${name} is ${what}; give an 8-bit TIFF or PNG.`);
}

function hex(bytes: Uint8Array, count: number): string {
  return Buffer.from(bytes.subarray(0, count)).toString('hex');
}

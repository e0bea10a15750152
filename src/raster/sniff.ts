import type { InvalidProductError } from '../domain/errors.js';
import { refuse } from './faults.js';
import { unlabelled } from './img/label-faults.js';
import { PDS3_START } from './img/pds3-label.js';

/** Names of files whose pixels may begin with the first byte. */
const IMG = /\.img$/i;

/** How many bytes of a file `sniff` wants to see. */
export const SNIFF_BYTES = 16_384;

/**
 * Tells a TIFF, a PNG and an image with a PDS label apart by the first bytes.
 *
 * @param labelled a label lies beside the file, so that it may begin with its pixels
 * @throws InvalidProductError naming what the file is in place of an image, when that can be told
 */
export function sniff(name: string, head: Uint8Array, labelled: boolean): 'tiff' | 'png' | 'img' {
  if (head.length === 0) throw refuse('empty', `${name} is empty; fetch the file again.`);
  if (['49492a00', '4d4d002a', '49492b00', '4d4d002b'].includes(hex(head, 4))) return 'tiff';
  if (hex(head, 8) === '89504e470d0a1a0a') return 'png';
  const text = Buffer.from(head).toString('latin1');
  if (PDS3_START.test(text)) return 'img';
  if (labelled && IMG.test(name) && !/^\s*<[?!a-z]/i.test(text)) return 'img';
  throw asText(name, text) ?? asBinary(name, head);
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
  if (/^Object\s*=\s*IsisCube/i.test(text)) {
    return refuse('unknown_format', `${name} is an ISIS cube; convert it to a TIFF, e.g. gdal_translate.`);
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
  const found = known.find(([magic]) => hex(head, magic.length / 2) === magic)?.[1];
  if (found === undefined && IMG.test(name)) return unlabelled(name);
  const what = found ?? 'of an unknown format';
  return refuse('unknown_format', `${name} is ${what}; give a TIFF, a PNG or an .IMG with its label.`);
}

function hex(bytes: Uint8Array, count: number): string {
  return Buffer.from(bytes.subarray(0, count)).toString('hex');
}

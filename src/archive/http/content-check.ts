import { TransientError } from '../../domain/errors.js';

/**
 * Archives under load or maintenance answer 200 with a page in place of data. Such an answer is passing trouble,
 * told by its content type or by its first bytes.
 * @param head first bytes of the body
 * @throws TransientError when it is a page or an S3 error document
 */
export function assertNotPage(contentType: string | null, head: Uint8Array, url: string): void {
  const start = Buffer.from(head.subarray(0, 512)).toString('latin1').trimStart().toLowerCase();
  const page =
    contentType?.toLowerCase().startsWith('text/html') === true || /^<(!doctype html|html)/.test(start);
  const s3Error = /^(<\?xml[^>]*>\s*)?<error>/.test(start);
  if (page || s3Error) {
    const what = page ? 'an HTML page' : 'an S3 error';
    throw new TransientError(
      'page_for_data',
      `${url} answered ${what} in place of data; it is asked again later.`,
    );
  }
}

/** Whether bytes begin as a TIFF or BigTIFF does, of either byte order. */
export function isTiff(head: Uint8Array): boolean {
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1');
  return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(magic);
}

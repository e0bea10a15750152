import { refuse } from '../faults.js';

/** What tells where the pixels of a file with an attached label begin. */
export interface StartEvidence {
  /** First byte of the image by the label's pointer. */
  readonly pointer: number;
  /** Bytes up to the last one of the label's END. */
  readonly labelEnd: number;
  readonly imageBytes: number;
  readonly fileSize: number;
  /** Beginning of the file, as far as it was read. */
  readonly head: Uint8Array;
}

/**
 * The first byte of the pixels. A pointer behind the label's END is believed. One that points into the label's
 * own text is wrong for certain (labels that were edited after they were written have such): then the pixels
 * are the file's last bytes, provided that nothing but padding lies between END and them.
 *
 * @throws InvalidProductError `label` when that does not tell
 */
export function imageStart(
  name: string,
  { pointer, labelEnd, imageBytes, fileSize, head }: StartEvidence,
): number {
  const last = fileSize - imageBytes;
  if (pointer >= labelEnd) {
    const padded = last > pointer && isPadding(head, labelEnd, last);
    if (!padded) return pointer;
    throw refuse(
      'label',
      `^IMAGE in the label of ${name} points to byte ${pointer}, but padding reaches to byte ${last}, from where its pixels just fill the file; correct ^IMAGE.`,
    );
  }
  if (last >= labelEnd && isPadding(head, labelEnd, last)) return last;
  throw refuse(
    'label',
    `^IMAGE in the label of ${name} points to byte ${pointer}, inside the label, which ends at byte ${labelEnd}, and its ${imageBytes} bytes of pixels do not just fill the rest of the file's ${fileSize}; fetch the file again or correct ^IMAGE.`,
  );
}

function isPadding(head: Uint8Array, from: number, to: number): boolean {
  if (to > head.length) return false;
  return head.subarray(from, to).every((byte) => [0x00, 0x09, 0x0a, 0x0d, 0x20].includes(byte));
}

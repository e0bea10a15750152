import { truncated } from '../faults.js';
import { checkSize } from '../limits.js';
import type { CompandTerms } from './compand.js';
import { SAMPLE_BYTES, type SampleType } from './sample-type.js';

/**
 * Stored values that are no measurement, as the label spells them: decimal, or a bit pattern `16#FF7FFFFB#`.
 */
export interface SpecialValues {
  readonly noData: readonly string[];
  readonly saturatedLow: readonly string[];
  readonly saturatedHigh: readonly string[];
  /** Values below are no measurement either. */
  readonly validMinimum: string | null;
}

/** Where the pixels of an image lie in a file and what they mean, by its label. */
export interface ImageLayout {
  readonly width: number;
  readonly height: number;
  /** Byte of the first sample. */
  readonly offset: number;
  readonly sample: SampleType;
  /** Sample = stored * factor + base. */
  readonly factor: number;
  readonly base: number;
  readonly special: SpecialValues;
  /** How 8-bit samples were companded; null when they are linear. */
  readonly compand: CompandTerms | null;
}

export function imageBytes({ width, height, sample }: Omit<ImageLayout, 'offset'>): number {
  return width * height * SAMPLE_BYTES[sample];
}

/**
 * @param size of the file, bytes
 * @throws InvalidProductError `truncated` when the file ends before the pixels do; `too_large`, `undecodable`
 */
export function checkLayout(name: string, layout: ImageLayout, size: number): void {
  checkSize(name, layout.width, layout.height);
  const end = layout.offset + imageBytes(layout);
  if (end <= size) return;
  throw truncated(
    name,
    `its label describes ${layout.height} lines of ${layout.width} samples that end at byte ${end}, and it holds ${size} bytes`,
  );
}

import sharp, { type Sharp } from 'sharp';
import { interleave } from './map-bytes.js';

// The scorer's workers own the cores, and files of one name change between scans.
sharp.concurrency(1);
sharp.cache(false);

/**
 * sharp as this room uses it: sizes are bounded by our own checks, lines are read from first to last, and
 * values are left as they lie in the file (no colour profile is applied).
 */
export function decoder(input: Uint8Array | string): Sharp {
  return sharp(input, {
    limitInputPixels: false,
    unlimited: true,
    sequentialRead: true,
    failOn: 'warning',
    ignoreIcc: true,
  })
    .removeAlpha()
    .toColourspace('b-w');
}

/** Grey of red, green and blue, as an image of colour becomes it. @param width pixels of a line */
export async function greyOf(channels: readonly Uint8Array[], width: number): Promise<Uint8Array> {
  const raw = { width, height: (channels[0]?.length ?? 0) / width, channels: channels.length as 3 };
  return sharp(await interleave(channels), { raw, limitInputPixels: false })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

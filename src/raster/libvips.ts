import sharp, { type Sharp } from 'sharp';

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

import type { Access } from '../archive/fetch/fetch-image.js';
import { sharesOf } from '../archive/choose/stratified-draw.js';
import type { SamplePlan } from './sample-record.js';
import type { WindowOptions } from './sample-windows.js';

/** What a draw will ask of the archive. */
export interface SampleEstimate {
  readonly images: number;
  readonly crops: number;
  readonly requests: number;
  readonly megabytes: number;
  readonly seconds: number;
}

/** The archive's images take 30 to 40 MB at 5064 x 52224 (lroc-archive, section 0). */
const BYTES_PER_PIXEL = 0.14;
/** Side of a tile of these images, and the unit of reading by ranges. */
const TILE = 256;
const BLOCK_BYTES = 1 << 20;

/**
 * @param spacingMs pause between requests
 * @param bytesPerSecond of the line to the archive
 */
export function estimateSample(
  plan: Pick<SamplePlan, 'strata'>,
  images: number,
  { crops, size }: WindowOptions,
  o: { access: Access; spacingMs: number; bytesPerSecond: number },
): SampleEstimate {
  const shares = sharesOf(plan.strata, images);
  const products = plan.strata.flatMap(({ candidates }, i) => candidates.slice(0, shares[i]));
  let bytes = 0;
  let windows = 0;
  let requests = 0;
  for (const { lines, samples } of products) {
    const cuts = Math.min(crops, Math.floor(lines / size));
    const whole = lines * samples * BYTES_PER_PIXEL;
    const touched = (Math.ceil(size / TILE) + 1) * TILE * samples * BYTES_PER_PIXEL + BLOCK_BYTES;
    windows += cuts;
    bytes += o.access === 'download' ? whole : Math.min(whole, BLOCK_BYTES + cuts * touched);
    requests += o.access === 'download' ? 2 : 2 + cuts;
  }
  return {
    images: products.length,
    crops: windows,
    requests,
    megabytes: Number((bytes / 1e6).toPrecision(3)),
    seconds: Math.round((requests * o.spacingMs) / 1000 + bytes / o.bytesPerSecond),
  };
}

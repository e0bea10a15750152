import type { PixelVector } from '../domain/geometry.js';
import type { RasterSource } from '../domain/raster.js';
import type { TileGrid } from '../domain/tile.js';
import type { StripJob } from '../scoring/strip-job.js';
import { masksFor, type MaskOptions } from '../tiling/mask-options.js';
import type { StripPlan } from '../tiling/strips.js';

/**
 * One scoring job per planned strip, decoded only when the next one is asked for.
 *
 * @param shadow unit vector away from the Sun in the image, null where unknown
 * @param scoring which tiles are scored in fp32, and how the others are
 */
export async function* stripJobs(
  raster: RasterSource,
  grid: TileGrid,
  plans: readonly StripPlan[],
  shadow: PixelVector | null,
  masks: MaskOptions,
  scoring: Pick<StripJob, 'sample' | 'passes'>,
  signal: AbortSignal,
): AsyncGenerator<StripJob> {
  const { width: imageWidth, height: imageHeight } = raster.info;
  const imageMasks = masksFor(raster.info, masks);
  let next = 0;
  for await (const strip of raster.strips(
    plans.map((plan) => plan.range),
    signal,
  )) {
    const plan = plans[next++];
    if (plan === undefined) throw new Error('a raster yielded more strips than were asked for');
    yield { strip, plan, grid, imageWidth, imageHeight, shadow, masks: imageMasks, ...scoring };
  }
}

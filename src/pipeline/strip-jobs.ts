import type { PixelVector } from '../domain/geometry.js';
import type { RasterSource, StripBuffers } from '../domain/raster.js';
import type { TileGrid } from '../domain/tile.js';
import type { StripJob } from '../scoring/strip-job.js';
import { masksFor, type MaskOptions } from '../tiling/mask-options.js';
import type { StripPlan } from '../tiling/strips.js';

/**
 * One scoring job per planned strip, decoded only when the next one is asked for.
 *
 * @param shadow unit vector away from the Sun in the image, null where unknown
 * @param scoring which tiles are scored in fp32, and how the others are
 * @param cell side of the cells over which grey levels are summed, pixels
 * @param buffers where the strips are written
 */
export async function* stripJobs(
  raster: RasterSource,
  grid: TileGrid,
  plans: readonly StripPlan[],
  shadow: PixelVector | null,
  masks: MaskOptions,
  scoring: Pick<StripJob, 'sample' | 'passes'>,
  cell: number,
  buffers: StripBuffers,
  signal: AbortSignal,
): AsyncGenerator<StripJob> {
  const { width: imageWidth, height: imageHeight } = raster.info;
  const imageMasks = masksFor(raster.info, masks);
  let next = 0;
  let fromLine = 0;
  for await (const strip of raster.strips(
    plans.map((plan) => plan.range),
    signal,
    buffers,
  )) {
    const plan = plans[next++];
    if (plan === undefined) throw new Error('a raster yielded more strips than were asked for');
    const grey = { fromLine, cell };
    fromLine = strip.firstLine + strip.lines;
    yield { strip, plan, grid, imageWidth, imageHeight, shadow, masks: imageMasks, grey, ...scoring };
  }
}

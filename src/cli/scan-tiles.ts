import { basename } from 'node:path';
import type { RasterInfo, RasterSource } from '../domain/raster.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { scanImage, type ImageScan } from '../pipeline/scan-image.js';
import type { ScanTools } from '../pipeline/score-image.js';
import { openRaster } from '../raster/open-raster.js';
import { startProgress } from '../telemetry/progress.js';
import type { SunDirections } from '../training/sun-directions.js';
import type { CommandContext } from './context.js';
import type { LabelledImage } from './evaluate-images.js';
import type { ScanSources } from './scan-source.js';
import { viewOf } from './scan-view.js';

/** With what images are scored, and what is known of their light. */
export interface TileBench {
  readonly tools: ScanTools;
  readonly sources: ScanSources;
  readonly sun: SunDirections;
}

export interface TileScan {
  readonly scan: ImageScan;
  readonly sunKnown: boolean;
}

/**
 * Scores all tiles of one image of a folder, by the Sun's direction of its labels, of `sun` or of its product.
 * @param check may refuse the image by its size
 */
export async function scanTiles(
  { log }: CommandContext,
  { file: path, name, labels }: LabelledImage,
  title: string,
  { tools, sources, sun }: TileBench,
  signal: AbortSignal,
  check: (info: RasterInfo) => void = () => undefined,
): Promise<TileScan> {
  const file = basename(path);
  // A local file: there is nothing to release.
  const input = await sources.open({ kind: 'file', path }, signal);
  return withRaster(path, tools.model, async (raster) => {
    check(raster.info);
    const given = labels.find((label) => label.sun !== null)?.sun ?? sun.get(file) ?? sun.get(name);
    const { towardsSun } = viewOf({ sun: given }, input.product, raster.info);
    if (towardsSun === null)
      log.warn(
        { file },
        'Scan:SunUnknown: every direction is tried, which finds less; --sun, --index or a column sun of the labels gives it',
      );
    const progress = startProgress(log, title, 1, 'tiles');
    const scan = await scanImage(raster, towardsSun, tools, signal, (done, total) =>
      progress.update(done, total),
    ).finally(() => progress.stop());
    return { scan, sunKnown: towardsSun !== null };
  });
}

/** Opens an image as its model wants it, and closes it whatever happens. */
export async function withRaster<T>(
  path: string,
  model: ModelFolder,
  use: (raster: RasterSource) => Promise<T>,
): Promise<T> {
  const raster = await openRaster(path, { stretch: model.manifest.normalisation.wide });
  try {
    return await use(raster);
  } finally {
    await raster.close();
  }
}

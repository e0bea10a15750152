import { basename } from 'node:path';
import { UsageError } from '../domain/errors.js';
import type { RasterSource } from '../domain/raster.js';
import { cutTile } from '../detection/tile-cut.js';
import type { ScoredTile, TilePlace } from '../evaluation/choose-tiles.js';
import type { ShownTile } from '../evaluation/explore-sheets.js';
import type { ImageScan } from '../pipeline/scan-image.js';
import type { ScanTools } from '../pipeline/score-image.js';
import { startProgress } from '../telemetry/progress.js';
import type { CommandContext } from './context.js';
import type { LabelledImage } from './evaluate-images.js';
import { scanTiles, type TileBench, withRaster } from './scan-tiles.js';

/** An image whose tiles are scored. */
export interface ExploredImage {
  readonly path: string;
  readonly file: string;
  /** Product or image id that its name carries, else the name. */
  readonly name: string;
  readonly scan: ImageScan;
  readonly sunKnown: boolean;
}

/** Scores all tiles of one image. */
export async function scanForExploring(
  context: CommandContext,
  image: LabelledImage,
  title: string,
  bench: TileBench,
  signal: AbortSignal,
): Promise<ExploredImage> {
  const { scan, sunKnown } = await scanTiles(context, image, title, bench, signal);
  return { path: image.file, file: basename(image.file), name: image.name, scan, sunKnown };
}

/** A tile with all that is shown of it and fed to the model. */
export interface CutTile extends ShownTile, TilePlace {
  /** Index in its image's grid, null off the grid. */
  readonly tile: number | null;
  /** DN for the model. */
  readonly pixels: Uint8Array;
}

/** Reads the pixels of tiles again, image by image from the top; the tiles come back in their order. */
export async function cutTiles(
  context: CommandContext,
  images: readonly ExploredImage[],
  places: readonly (TilePlace & Partial<Pick<ScoredTile, 'tile' | 'score'>>)[],
  tools: ScanTools,
  signal: AbortSignal,
): Promise<CutTile[]> {
  const { size } = tools.options;
  const cut = new Array<CutTile>(places.length);
  const progress = startProgress(context.log, 'reading tiles', places.length, 'tiles');
  let done = 0;
  try {
    for (const [index, image] of images.entries()) {
      const own = [...places.entries()].filter(([, place]) => place.image === index);
      if (own.length === 0) continue;
      own.sort(([, a], [, b]) => a.y - b.y || a.x - b.x);
      await withRaster(image.path, tools.model, async (raster) => {
        for (const [at, { x, y, tile = null, score = null }] of own) {
          signal.throwIfAborted();
          assertInside(image.file, raster, x, y, size);
          const window = await raster.window(x, y, size, size);
          const { pixels, valid } = cutTile(window, size, 0, 0, size, raster.info.exactNulls);
          const values = Float32Array.from(pixels, (dn) => dn / 255);
          cut[at] = { image: index, file: image.file, x, y, tile, score, pixels, valid, values };
          progress.update(++done);
        }
      });
    }
  } finally {
    progress.stop();
  }
  return cut;
}

function assertInside(file: string, { info }: RasterSource, x: number, y: number, size: number): void {
  if (x + size > info.width || y + size > info.height)
    throw new UsageError(
      `The tile ${file}:${x},${y} does not lie within its image of ${info.width} x ${info.height} pixels; give its upper-left pixel, at most ${info.width - size},${info.height - size}.`,
    );
}

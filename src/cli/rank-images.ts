import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import { cutTile } from '../detection/tile-cut.js';
import { assignTiles } from '../evaluation/assign-tiles.js';
import { findSightings, type Sighting } from '../evaluation/rank-sightings.js';
import { worthOfScore } from '../evaluation/rank-worth.js';
import type { RasterSource } from '../domain/raster.js';
import type { TileGrid } from '../domain/tile.js';
import { scanImage, type ScanTools } from '../pipeline/scan-image.js';
import { openRaster } from '../raster/open-raster.js';
import { startProgress } from '../telemetry/progress.js';
import type { SunDirections } from '../training/sun-directions.js';
import type { CommandContext } from './context.js';
import type { LabelledImage } from './evaluate-images.js';
import type { ScanSources } from './scan-source.js';
import { viewOf } from './scan-view.js';

/** A tile shows what lies this far inside, pixels, as in `evaluate`. */
const INSIDE = 8;

export interface RankBench {
  readonly tools: ScanTools;
  readonly sources: ScanSources;
  readonly sun: SunDirections;
  /** Share of tiles that hold something. */
  readonly prior: number;
  readonly mergeRadiusPx: number;
}

/** An image with what its tiles say. */
export interface RankedImage {
  readonly path: string;
  readonly file: string;
  /** Of the file. */
  readonly bytes: number;
  readonly grid: TileGrid;
  /** Calibrated, of each tile; NaN where it is masked. */
  readonly scores: Float64Array;
  readonly sightings: readonly Sighting[];
  /** For each label of the image the tiles that show it. */
  readonly labelled: readonly (readonly number[])[];
}

/** Scores all tiles of one image. */
export async function scanForRanking(
  { log }: CommandContext,
  { file: path, name, labels }: LabelledImage,
  title: string,
  { tools, sources, sun, prior, mergeRadiusPx }: RankBench,
  signal: AbortSignal,
): Promise<RankedImage> {
  const file = basename(path);
  const input = await sources.open({ kind: 'file', path }, signal);
  return withRaster(path, tools, async (raster) => {
    const given = labels.find((label) => label.sun !== null)?.sun ?? sun.get(file) ?? sun.get(name);
    const { towardsSun } = viewOf({ sun: given }, input.product, raster.info);
    if (towardsSun === null)
      log.warn(
        { file },
        'Rank:SunUnknown: every direction is tried, which finds less; --sun or --index gives it',
      );
    const progress = startProgress(log, title, 1, 'tiles');
    const scan = await scanImage(raster, towardsSun, tools, signal, (done, total) =>
      progress.update(done, total),
    ).finally(() => progress.stop());
    const scores = Float64Array.from(scan.scores.raw, scan.calibrate);
    const worth = scores.map((score) => worthOfScore(score, prior));
    return {
      path,
      file,
      bytes: (await stat(path)).size,
      grid: scan.grid,
      scores,
      sightings: findSightings(scan.grid, scan.parts, worth, { mergeRadiusPx, inside: INSIDE }),
      labelled: assignTiles(scan.grid, labels, INSIDE).tilesOf,
    };
  });
}

/** Bytes of each scored tile as a losslessly compressed picture; NaN where it is masked. */
export async function measureTiles(
  { path, grid, scores }: RankedImage,
  tools: ScanTools,
  signal: AbortSignal,
  onRow: (tiles: number) => void,
): Promise<Float64Array> {
  const bytes = new Float64Array(scores.length).fill(NaN);
  const { xs, ys, size } = grid;
  await withRaster(path, tools, async (raster) => {
    const { width } = raster.info;
    for (const [row, y] of ys.entries()) {
      signal.throwIfAborted();
      const band = await raster.window(0, y, width, size);
      const measured = Array.from(xs, async (x, column) => {
        const tile = row * xs.length + column;
        if (Number.isNaN(scores[tile]!)) return;
        const picture = sharp(band, { raw: { width, height: size, channels: 1 } })
          .extract({ left: x, top: 0, width: size, height: size })
          .toColourspace('b-w')
          .png({ compressionLevel: 9, adaptiveFiltering: true });
        bytes[tile] = (await picture.toBuffer()).length;
      });
      await Promise.all(measured);
      onRow(xs.length);
    }
  });
  return bytes;
}

/** Latent codes of tiles, in their order. */
export async function codesOf(
  { path, grid: { xs, ys, size } }: RankedImage,
  tiles: readonly number[],
  { model, pool }: ScanTools,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const { channels, latent } = model.manifest.architecture;
  const area = size * size;
  const codes: Float32Array[] = [];
  await withRaster(path, { model }, async (raster) => {
    for (let from = 0; from < tiles.length; from += BATCH) {
      signal.throwIfAborted();
      const part = tiles.slice(from, from + BATCH);
      const pixels = new Uint8Array(part.length * channels * area);
      const valid = new Uint8Array(part.length * area);
      for (const [i, tile] of part.entries()) {
        const window = await raster.window(
          xs[tile % xs.length]!,
          ys[Math.floor(tile / xs.length)]!,
          size,
          size,
        );
        const cut = cutTile(window, size, 0, 0, size, raster.info.exactNulls);
        for (let c = 0; c < channels; c++) pixels.set(cut.pixels, (i * channels + c) * area);
        valid.set(cut.valid, i * area);
      }
      const { mu } = await pool.explain({ count: part.length, pixels, valid });
      for (let i = 0; i < part.length; i++) codes.push(mu.slice(i * latent, (i + 1) * latent));
    }
  });
  return codes;
}

/** Tiles a call of the model. */
const BATCH = 64;

async function withRaster<T>(
  path: string,
  { model }: Pick<ScanTools, 'model'>,
  use: (raster: RasterSource) => Promise<T>,
): Promise<T> {
  const raster = await openRaster(path, { stretch: model.manifest.normalisation.wide });
  try {
    return await use(raster);
  } finally {
    await raster.close();
  }
}

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import { cutTile } from '../detection/tile-cut.js';
import { assignTiles } from '../evaluation/assign-tiles.js';
import { findSightings, type Sighting } from '../evaluation/rank-sightings.js';
import { worthOfScore } from '../evaluation/rank-worth.js';
import type { TileGrid } from '../domain/tile.js';
import type { ScanTools } from '../pipeline/score-image.js';
import type { CommandContext } from './context.js';
import type { LabelledImage } from './evaluate-images.js';
import { scanTiles, type TileBench, withRaster } from './scan-tiles.js';

/** A tile shows what lies this far inside, pixels, as in `evaluate`. */
const INSIDE = 8;

export interface RankBench extends TileBench {
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
  context: CommandContext,
  image: LabelledImage,
  title: string,
  bench: RankBench,
  signal: AbortSignal,
): Promise<RankedImage> {
  const { scan } = await scanTiles(context, image, title, bench, signal);
  const scores = Float64Array.from(scan.scores.raw, scan.calibrate);
  const worth = scores.map((score) => worthOfScore(score, bench.prior));
  const { file: path, labels } = image;
  return {
    path,
    file: basename(path),
    bytes: (await stat(path)).size,
    grid: scan.grid,
    scores,
    sightings: findSightings(scan.grid, scan.parts, worth, {
      mergeRadiusPx: bench.mergeRadiusPx,
      inside: INSIDE,
    }),
    labelled: assignTiles(scan.grid, labels, INSIDE).tilesOf,
  };
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
  await withRaster(path, tools.model, async (raster) => {
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
  await withRaster(path, model, async (raster) => {
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

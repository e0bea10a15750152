import { lastValueFrom, tap } from 'rxjs';
import type { PixelVector } from '../domain/geometry.js';
import type { RasterSource } from '../domain/raster.js';
import { UNCONFIRMED, type TileGrid, type TileParts } from '../domain/tile.js';
import type { ConfirmJob } from '../scoring/strip-job.js';
import type { ScorePool } from '../scoring/score-pool.js';
import type { MaskOptions } from '../tiling/mask-options.js';
import { pullMap } from './pull.js';
import { tilePixels, type TilePixels } from './tile-pixels.js';

/** Tiles that a worker is given at a time. */
const TILES_A_JOB = 32;

export interface ConfirmTools {
  readonly raster: Pick<RasterSource, 'info' | 'window'>;
  readonly grid: TileGrid;
  readonly pool: Pick<ScorePool, 'workers' | 'confirm'>;
  readonly masks: MaskOptions;
  /** Unit vector away from the Sun in the image, null where unknown. */
  readonly shadow: PixelVector | null;
}

/** Told of a tile before its parts become those in fp32, which are `fresh`'s at `at`. */
export type OnConfirmed = (tile: number, fresh: TileParts, at: number) => void;

/**
 * Scores some tiles of an image in fp32, whose parts come from a pass that left them open: their pixels are read again,
 * a few tiles for each worker at a time.
 */
export async function confirmTiles(
  tools: ConfirmTools,
  parts: TileParts,
  tiles: readonly number[],
  signal: AbortSignal,
  onConfirmed: OnConfirmed = () => undefined,
): Promise<void> {
  const { raster, grid, pool, masks } = tools;
  const pixels = tilePixels(raster, grid, parts, tiles, masks);
  const confirmed = pullMap(jobs(pixels, parts, tools), pool.workers + 1, async ({ of, job }, stop) => ({
    of,
    fresh: await pool.confirm(job, AbortSignal.any([signal, stop])),
  }));
  const writing = confirmed.pipe(
    tap(({ of, fresh }) =>
      of.forEach((tile, at) => {
        onConfirmed(tile, fresh, at);
        write(parts, tile, fresh, at);
      }),
    ),
  );
  await lastValueFrom(writing, { defaultValue: null });
  signal.throwIfAborted();
}

async function* jobs(
  pixels: AsyncIterable<TilePixels>,
  parts: TileParts,
  { grid, shadow }: ConfirmTools,
): AsyncGenerator<{ readonly of: readonly number[]; readonly job: ConfirmJob }> {
  let some: TilePixels[] = [];
  const pack = (): { of: number[]; job: ConfirmJob } => {
    const area = grid.size ** 2;
    const of = some.map(({ tile }) => tile);
    const job = {
      count: some.length,
      pixels: new Uint8Array(some.length * area),
      valid: new Uint8Array(some.length * area),
      peakX: Uint8Array.from(of, (tile) => parts.peakX[tile]!),
      peakY: Uint8Array.from(of, (tile) => parts.peakY[tile]!),
      shadow,
    };
    some.forEach((one, i) => {
      job.pixels.set(one.pixels, i * area);
      job.valid.set(one.valid, i * area);
    });
    some = [];
    return { of, job };
  };
  for await (const one of pixels) {
    some.push(one);
    if (some.length === TILES_A_JOB) yield pack();
  }
  if (some.length > 0) yield pack();
}

/** What needs no network stays as it is. */
function write(parts: TileParts, tile: number, fresh: TileParts, at: number): void {
  for (const name of ['l2', 'muNorm', 'bright', 'brightPeak', 'lander', 'small', 'tracks'] as const)
    parts[name][tile] = fresh[name][at]!;
  parts.peakX[tile] = fresh.peakX[at]!;
  parts.peakY[tile] = fresh.peakY[at]!;
  parts.marks[tile]! &= ~UNCONFIRMED;
}

import type { PixelDetection } from '../domain/detection.js';
import type { RasterSource } from '../domain/raster.js';
import { outlineBody, type Window } from './body.js';
import { drawChips } from './chips.js';
import type { ObjectCandidate } from './find-objects.js';
import { cutTile, type TileCut } from './tile-cut.js';
import { withoutRepeats } from './without-repeats.js';

/** Side of the context, pixels. */
const CONTEXT_PX = 256;
/** Pixels along a tile's edge where no peak is sought: convolutions saw padding there. */
const BORDER_PX = 3;
/** Objects whose pixels are held at one time. */
const OBJECTS_AT_A_TIME = 16;

export interface DescribeTools {
  /** Pixels are read again by window, one window an object. */
  readonly raster: Pick<RasterSource, 'info' | 'window'>;
  readonly grid: { readonly size: number };
  /** Channels of the model; a grey tile is the same in each. Default 1. */
  readonly channels?: number;
  /** What the model makes of tiles: `reconstruction` is `count * channels * size * size`, 0..1; `mu` `count * latent`. */
  readonly explain: (batch: {
    count: number;
    pixels: Uint8Array;
    valid: Uint8Array;
  }) => Promise<{ reconstruction: Float32Array; mu?: Float32Array }>;
  /** Raw score to -log10 of its probability. */
  readonly calibrate: (raw: number) => number;
  /** Objects whose places come to lie this near, pixels, are one. */
  readonly mergeRadiusPx: number;
}

/** An object with its pixels around it. */
interface Seen {
  readonly object: ObjectCandidate;
  readonly window: Window;
  readonly pixels: Uint8Array;
  readonly cut: TileCut;
}

/** Places, outlines and pictures of the chosen objects, in their order, each thing once. */
export async function describeObjects(
  objects: readonly ObjectCandidate[],
  tools: DescribeTools,
  signal?: AbortSignal,
): Promise<PixelDetection[]> {
  const detections: PixelDetection[] = [];
  for (let i = 0; i < objects.length; i += OBJECTS_AT_A_TIME) {
    signal?.throwIfAborted();
    const seen: Seen[] = [];
    for (const object of objects.slice(i, i + OBJECTS_AT_A_TIME)) seen.push(await look(object, tools));
    const explained = await explain(seen, tools);
    detections.push(...(await Promise.all(seen.map((one, k) => describe(one, explained[k]!, tools)))));
  }
  return withoutRepeats(detections, tools.mergeRadiusPx);
}

/** Reads the surroundings of an object: a window inside the image that holds its whole tile. */
async function look(object: ObjectCandidate, { raster, grid }: DescribeTools): Promise<Seen> {
  const { size } = grid;
  const { tileX, tileY } = object;
  const centre = object.peak ?? { x: tileX + size / 2, y: tileY + size / 2 };
  const across = along(centre.x, tileX, size, raster.info.width);
  const down = along(centre.y, tileY, size, raster.info.height);
  const window = { x: across.from, y: down.from, width: across.length, height: down.length };
  const pixels = await raster.window(window.x, window.y, window.width, window.height);
  return {
    object,
    window,
    pixels,
    cut: cutTile(pixels, window.width, tileX - window.x, tileY - window.y, size, raster.info.exactNulls),
  };
}

function along(centre: number, tile: number, size: number, limit: number): { from: number; length: number } {
  const length = Math.min(CONTEXT_PX, limit);
  const held = Math.min(Math.max(Math.round(centre - length / 2), tile + size - length), tile);
  return { from: Math.min(Math.max(held, 0), limit - length), length };
}

interface ExplainedTile {
  /** `size * size`, averaged over the channels. */
  readonly reconstruction: Float32Array;
  readonly latent?: Float32Array;
}

async function explain(
  seen: readonly Seen[],
  { grid, explain, channels = 1 }: DescribeTools,
): Promise<ExplainedTile[]> {
  const area = grid.size * grid.size;
  const pixels = new Uint8Array(seen.length * channels * area);
  const valid = new Uint8Array(seen.length * area);
  seen.forEach(({ cut }, i) => {
    for (let c = 0; c < channels; c++) pixels.set(cut.pixels, (i * channels + c) * area);
    valid.set(cut.valid, i * area);
  });
  const { reconstruction, mu } = await explain({ count: seen.length, pixels, valid });
  const latent = (mu?.length ?? 0) / seen.length;
  return seen.map((_, i) => {
    const mean = new Float32Array(area);
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) mean[p]! += reconstruction[(i * channels + c) * area + p]! / channels;
    }
    return {
      reconstruction: mean,
      ...(mu === undefined ? {} : { latent: mu.slice(i * latent, (i + 1) * latent) }),
    };
  });
}

async function describe(
  { object, window, pixels, cut }: Seen,
  { reconstruction, latent }: ExplainedTile,
  { raster, grid, calibrate }: DescribeTools,
): Promise<PixelDetection> {
  const { size } = grid;
  const [tileX, tileY] = [object.tileX - window.x, object.tileY - window.y];
  const residual = new Float32Array(window.width * window.height).fill(NaN);
  const error = new Float32Array(size * size).fill(NaN);
  reconstruction.forEach((xhat, p) => {
    if (cut.valid[p] === 0) return;
    const difference = cut.pixels[p]! / 255 - xhat;
    error[p] = Math.abs(difference);
    residual[(tileY + Math.floor(p / size)) * window.width + tileX + (p % size)] = difference;
  });
  const near = object.peak
    ? { x: object.peak.x - window.x, y: object.peak.y - window.y }
    : offset(largestError(error, size), tileX, tileY);
  const { rankInImage, scoreRaw, scores, tileCount } = object;
  return {
    rankInImage,
    score: calibrate(scoreRaw),
    scoreRaw,
    scores,
    tileX: object.tileX,
    tileY: object.tileY,
    tileCount,
    ...outlineBody(window, pixels, residual, near, raster.info.exactNulls),
    chips: await drawChips({
      size,
      tile: cut.shown,
      reconstruction,
      error,
      context: { ...window, pixels },
      tileX,
      tileY,
    }),
    ...(latent === undefined ? {} : { latent }),
  };
}

/** Where the model fails most, in 3 x 3 means; for tiles without a response of their own. */
function largestError(error: Float32Array, size: number): { x: number; y: number } {
  let best = { x: size >> 1, y: size >> 1 };
  let bestSum = -Infinity;
  for (let y = BORDER_PX; y < size - BORDER_PX; y++) {
    for (let x = BORDER_PX; x < size - BORDER_PX; x++) {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) sum += error[(y + dy) * size + x + dx]!;
      }
      if (sum > bestSum) [best, bestSum] = [{ x, y }, sum];
    }
  }
  return best;
}

function offset({ x, y }: { x: number; y: number }, byX: number, byY: number): { x: number; y: number } {
  return { x: x + byX, y: y + byY };
}

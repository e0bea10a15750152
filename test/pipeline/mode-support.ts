import { createHash } from 'node:crypto';
import type { PixelVector } from '../../src/domain/geometry.js';
import type { RasterSource } from '../../src/domain/raster.js';
import { greyOfStrip } from '../../src/domain/strip-grey.js';
import type { ScanMode } from '../../src/domain/scan.js';
import { loadModelFolder, type ModelFolder } from '../../src/model/load-model-folder.js';
import { scanImage, type ImageScan } from '../../src/pipeline/scan-image.js';
import { Screening, type WideningStore } from '../../src/pipeline/screening.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import { residualAt } from '../../src/scoring/residual-peak.js';
import type { ScorePool } from '../../src/scoring/score-pool.js';
import type { CellLogits, Scorer, VaeScores } from '../../src/scoring/scorer.js';
import type { ScreenPart } from '../../src/scoring/screen-bounds.js';
import type { PartBounds } from '../../src/scoring/screen/part-bounds.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { STARTER } from '../support/starter.js';

const SIZE = 64;

export function starter(): Promise<ModelFolder> {
  return loadModelFolder(STARTER);
}

/** How far the stand-in's int8 values lie from fp32, at most: a share of the value, and logits. */
const ERROR = { share: 0.04, logit: 0.4 };

/** Bounds that hold for `withScreens`. */
export const HONEST: PartBounds = (part, value) => {
  const room = isLogit(part) ? ERROR.logit : (ERROR.share * Math.abs(value)) / (1 - ERROR.share) + 1e-6;
  return { lo: value - room, hi: value + room };
};

function isLogit(part: ScreenPart): boolean {
  return ['lander', 'small', 'tracks'].includes(part);
}

/**
 * Int8 graphs as far as modes care: other values than fp32, within `HONEST`, the same for the same tile. They stand in
 * for real ones so that errors reach their bounds, which quantised networks rarely do.
 */
export function withScreens(scorer: Scorer): Scorer {
  const off = (pixels: Uint8Array, part: number): number => {
    let hash = part;
    for (let i = 0; i < pixels.length; i += 37) hash = Math.imul(hash ^ pixels[i]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return 2 * (((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32) - 1;
  };
  return {
    ...scorer,
    info: scorer.info,
    score: (batch) => scorer.score(batch),
    explain: (batch) => scorer.explain(batch),
    close: () => scorer.close(),
    hardware: (batch) => scorer.hardware!(batch),
    screen: async (batch, peaks) => {
      const scores = await scorer.score(batch);
      const area = SIZE ** 2;
      const tileOf = (i: number) => batch.pixels.subarray(i * area, (i + 1) * area);
      const moved = (values: Float32Array, part: number) =>
        values.map((value, i) => value * (1 + ERROR.share * off(tileOf(i), part)));
      const brightPeak = Float32Array.from({ length: batch.count }, (_, i) =>
        residualAt(
          tileOf(i),
          batch.valid.subarray(i * area, (i + 1) * area),
          scores.reconstruction.subarray(i * area, (i + 1) * area),
          SIZE,
          { x: peaks[2 * i]!, y: peaks[2 * i + 1]! },
        ),
      );
      return {
        l2: moved(scores.l2, 1),
        muNorm: moved(scores.muNorm, 2),
        bright: moved(scores.bright, 3),
        brightPeak: moved(brightPeak, 4),
      };
    },
    screenHardware: async (batch) => {
      const { bodies, tracks } = await scorer.hardware!(batch);
      const tileOf = (i: number) => batch.pixels.subarray(i * SIZE ** 2, (i + 1) * SIZE ** 2);
      // The same for all cells of a tile, so that the highest moves by as much, too.
      return {
        bodies: bodies.map((logit, i) => logit + ERROR.logit * off(tileOf(Math.floor(i / 512)), 5)),
        tracks: tracks.map((logit, i) => logit + ERROR.logit * off(tileOf(Math.floor(i / 64)), 6)),
      };
    },
  };
}

/** The model's own scores, each computed once for each tile, and stand-ins for its int8 graphs. */
export async function rememberingScorer(model: ModelFolder): Promise<Scorer> {
  const scorer = await createOnnxScorer({
    modelPath: model.onnxPath,
    hardwarePath: model.hardwarePath,
    threads: 1,
    channels: 1,
    tileSize: SIZE,
  });
  const area = SIZE ** 2;
  const vae = new Map<string, Promise<VaeScores>>();
  const net = new Map<string, Promise<CellLogits>>();
  const eachOf = <T>(known: Map<string, Promise<T>>, bytes: readonly Uint8Array[], ask: () => Promise<T>) => {
    const key = bytes.reduce((hash, part) => hash.update(part), createHash('sha1')).digest('base64');
    const answer = known.get(key) ?? ask();
    known.set(key, answer);
    return answer;
  };
  return withScreens({
    info: scorer.info,
    score: async ({ count, pixels, valid }) => {
      const tiles: VaeScores[] = [];
      for (let i = 0; i < count; i++) {
        const one = [pixels, valid].map((all) => all.slice(i * area, (i + 1) * area)) as [
          Uint8Array,
          Uint8Array,
        ];
        tiles.push(await eachOf(vae, one, () => scorer.score({ count: 1, pixels: one[0], valid: one[1] })));
      }
      return {
        l2: joinedFloats(tiles.map(({ l2 }) => l2)),
        muNorm: joinedFloats(tiles.map(({ muNorm }) => muNorm)),
        bright: joinedFloats(tiles.map(({ bright }) => bright)),
        reconstruction: joinedFloats(tiles.map(({ reconstruction }) => reconstruction)),
      };
    },
    hardware: async ({ count, pixels, octants }) => {
      const tiles: CellLogits[] = [];
      for (let i = 0; i < count; i++) {
        const one = pixels.slice(i * area, (i + 1) * area);
        const octant = octants.slice(i, i + 1);
        const bytes = [one, new Uint8Array(octant.buffer)];
        const ask = () => scorer.hardware!({ count: 1, pixels: one, octants: octant });
        tiles.push(await eachOf(net, bytes, ask));
      }
      return {
        bodies: joinedFloats(tiles.map(({ bodies }) => bodies)),
        tracks: joinedFloats(tiles.map(({ tracks }) => tracks)),
      };
    },
    explain: (batch) => scorer.explain(batch),
    close: () => scorer.close(),
  });
}

function joinedFloats(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A pool without threads: what runs in them is the same. */
export function poolOf(scorer: Scorer, o: { workers: number; batch: number }): ScorePool {
  const strips = new StripScorer(scorer, { channels: 1, batch: o.batch });
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    info: scorer.info,
    screens: { vae: scorer.screen !== undefined, net: scorer.screenHardware !== undefined },
    workers: o.workers,
    scoreStrip: (job, signal) =>
      inTurn(async () => ({
        ...(await strips.score(job, signal)),
        grey: job.grey ? greyOfStrip(job.strip, job.grey) : null,
      })),
    confirm: (job, signal) => inTurn(() => strips.confirm(job, SIZE, signal)),
    explain: (batch) => inTurn(() => scorer.explain(batch)),
    close: () => Promise.resolve(),
  };
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly towardsSun: PixelVector | null;
}

export function rasterOf({ width, height, data }: Picture): RasterSource {
  const window = (x: number, y: number, w: number, h: number): Uint8Array => {
    const out = new Uint8Array(w * h);
    for (let row = 0; row < h; row++) {
      const from = (y + row) * width + x;
      out.set(data.subarray(from, from + w), row * w);
    }
    return out;
  };
  return {
    info: { width, height, format: 'memory', exactNulls: false },
    async *strips(ranges) {
      for (const { firstLine, lines } of ranges)
        yield await Promise.resolve({ firstLine, lines, width, data: window(0, firstLine, width, lines) });
    },
    window: (x, y, w, h) => Promise.resolve(window(x, y, w, h)),
    close: () => Promise.resolve(),
  };
}

export interface ModeRun {
  readonly mode: ScanMode;
  readonly batch?: number;
  readonly stripRows?: number;
  readonly workers?: number;
  readonly bounds?: PartBounds;
  readonly store?: WideningStore;
  readonly score?: string;
  readonly budget?: number;
  readonly sampleTiles?: number;
}

/** Scans a picture in a mode, its statistics from so few tiles that most are left open. */
export async function scanIn(
  picture: Picture,
  model: ModelFolder,
  scorer: Scorer,
  o: ModeRun,
): Promise<ImageScan> {
  const { mode, batch = 64, stripRows = 4, workers = 2, bounds = HONEST, budget = 8, sampleTiles = 40 } = o;
  const options = {
    size: SIZE,
    strideX: 32,
    strideY: 32,
    masks: DEFAULT_MASKS,
    threshold: 2.5,
    mergeRadiusPx: 12,
  };
  const manifest = { ...model.manifest, score: o.score ?? model.manifest.score };
  return scanImage(
    rasterOf(picture),
    picture.towardsSun,
    {
      model: { ...model, manifest },
      pool: poolOf(scorer, { workers, batch }),
      options: { ...options, mode, stripRows, budget, sampleTiles },
      screening: new Screening(bounds, o.store ?? null),
    },
    new AbortController().signal,
  );
}

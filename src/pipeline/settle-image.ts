import type { ScanScreening } from '../domain/scan.js';
import { createRandom } from '../domain/random.js';
import { letOthersRun } from '../domain/let-others-run.js';
import { TILE_MARKS, TILE_STATES, UNCONFIRMED, type TileParts } from '../domain/tile.js';
import { tilesToConfirm, type OpenScores } from '../detection/settle-objects.js';
import { logitPlaces } from '../scoring/hardware-logits.js';
import {
  measureImage,
  rawScores,
  scoreTiles,
  type ImageScores,
  type PooledStatistics,
  type ScoreName,
} from '../scoring/normalise.js';
import { pickParts } from '../scoring/pick-parts.js';
import type { PartBounds } from '../scoring/screen/part-bounds.js';
import { rawBounds } from '../scoring/screen/raw-bounds.js';
import { fillSample, type SamplePlan } from '../scoring/screen/sample-plan.js';
import { ScreenWatch } from '../scoring/screen/screen-watch.js';
import { confirmTiles, type ConfirmTools } from './confirm-tiles.js';
import type { ScanOptions } from './scan-options.js';
import type { Screening } from './screening.js';

export interface SettleTools extends ConfirmTools {
  readonly options: ScanOptions;
  readonly pooled: PooledStatistics;
  readonly score: ScoreName;
  /** Bounds of the int8 graphs; null where none is used. */
  readonly screening: Screening | null;
}

export interface SettledImage {
  /** Of all tiles; those that are not confirmed have approximate ones. */
  readonly scores: ImageScores;
  /** 1 where a tile is scored in fp32. */
  readonly confirmed: Uint8Array;
  readonly screening: ScanScreening;
}

type MeasuredImage = Pick<ImageScores, 'terrain' | 'statistics'>;

/**
 * Tiles looked at in one round: few, for each round tells better which are needed at all; the same on every machine,
 * for what is rescored shows in the score map.
 */
const TILES_A_ROUND = 128;
/** Tiles drawn of those that the bounds have left out. */
const CHECKED_TILES = 64;
const SCORED = TILE_STATES.indexOf('scored');

/**
 * Turns the parts of a pass into an image's scores: its statistics from the sample, and in fp32 every tile that can
 * decide on its objects. A draw from the tiles left out tells whether the bounds hold; where they do not they are
 * widened, for all scans to come, and this one is settled anew by the wider ones.
 */
export async function settleImage(
  parts: TileParts,
  plan: SamplePlan | null,
  tools: SettleTools,
  signal: AbortSignal,
): Promise<SettledImage> {
  const { options, pooled, score, screening } = tools;
  if (plan !== null) await completeSample(parts, plan, tools, signal);
  await letOthersRun();
  const sampled = plan !== null;
  const measured = measureImage(parts, pooled, { thresholdSigma: options.threshold, score, sampled });
  const count = { rescored: 0, checked: 0, beyond: 0 };
  for (let isFirst = true; ; isFirst = false) {
    await letOthersRun();
    const from = screening?.widening ?? {};
    const bounds = usesInt8(parts) ? (screening?.bounds ?? null) : null;
    const watch = bounds === null ? null : new ScreenWatch(bounds);
    count.rescored += await confirmDeciding(parts, measured, bounds, watch, tools, signal);
    if (watch === null || screening === null) break;
    if (isFirst) await check(parts, watch, count, tools, signal);
    const widening = watch.widening();
    if (widening === null) break;
    await screening.widen(widening, from);
  }
  await letOthersRun();
  const confirmed = confirmedOf(parts);
  return {
    scores: finalScores(parts, measured, score),
    confirmed,
    screening: {
      mode: options.mode ?? 'exact',
      sampled: measured.statistics?.count ?? 0,
      ...count,
      approximate: parts.state.reduce(
        (sum, state, tile) => sum + (state === SCORED && confirmed[tile] === 0 ? 1 : 0),
        0,
      ),
      boundsVersion: screening?.version ?? 0,
    },
  };
}

/** Masks may have left the sample too small: other tiles, chosen by their places, fill it up. */
async function completeSample(
  parts: TileParts,
  plan: SamplePlan,
  tools: SettleTools,
  signal: AbortSignal,
): Promise<void> {
  const has = (tile: number, mark: number): boolean => (parts.marks[tile]! & mark) !== 0;
  const more = fillSample(
    plan,
    (tile) => parts.state[tile] === SCORED,
    (tile) => has(tile, TILE_MARKS.sampled),
  );
  const open = more.filter((tile) => has(tile, UNCONFIRMED));
  await confirmTiles(tools, parts, open, signal);
  for (const tile of more) parts.marks[tile]! |= TILE_MARKS.sampled;
}

/** @returns how many tiles were scored in fp32 */
async function confirmDeciding(
  parts: TileParts,
  { terrain, statistics }: MeasuredImage,
  bounds: PartBounds | null,
  watch: ScreenWatch | null,
  tools: SettleTools,
  signal: AbortSignal,
): Promise<number> {
  const { grid, options, score } = tools;
  if (!parts.marks.some((marks) => (marks & UNCONFIRMED) !== 0)) return 0;
  const { lo, hi, mayMove } = rawBounds(parts, terrain, score, bounds);
  const open: OpenScores = {
    confirmed: confirmedOf(parts),
    lo,
    hi,
    mayMove,
    places: logitPlaces(grid.size),
    threshold: statistics?.threshold ?? null,
  };
  let rescored = 0;
  for (;;) {
    await letOthersRun();
    const tiles = tilesToConfirm(grid, parts, open, options, TILES_A_ROUND);
    if (tiles.length === 0) return rescored;
    await confirmTiles(tools, parts, tiles, signal, (tile, fresh, at) => watch?.see(parts, tile, fresh, at));
    const raw = rawScores(pickParts(parts, tiles), terrain, score);
    tiles.forEach((tile, i) => {
      lo[tile] = hi[tile] = raw[i]!;
      open.confirmed[tile] = 1;
      mayMove[tile] = 0;
    });
    rescored += tiles.length;
  }
}

/** Scores a draw of the tiles that were left out, the same on every machine. */
async function check(
  parts: TileParts,
  watch: ScreenWatch,
  count: { checked: number; beyond: number },
  tools: SettleTools,
  signal: AbortSignal,
): Promise<void> {
  const left = new Int32Array(parts.count);
  let tilesLeft = 0;
  parts.marks.forEach((marks, tile) => {
    if ((marks & (TILE_MARKS.vaeScreened | TILE_MARKS.netScreened)) !== 0) left[tilesLeft++] = tile;
  });
  const random = createRandom(seedOf(parts));
  const drawn = new Set<number>();
  while (drawn.size < Math.min(CHECKED_TILES, tilesLeft)) drawn.add(left[random.integer(tilesLeft)]!);
  const tiles = [...drawn].sort((a, b) => a - b);
  await confirmTiles(tools, parts, tiles, signal, (tile, fresh, at) => {
    if (!watch.see(parts, tile, fresh, at)) count.beyond++;
  });
  count.checked = tiles.length;
}

/** Another for each image, the same for one image. */
function seedOf({ tri }: TileParts): number {
  const bits = new Uint32Array(tri.buffer, tri.byteOffset, tri.length);
  return bits.reduce((hash, word) => Math.imul(hash ^ word, 0x01000193) >>> 0, 0x811c9dc5);
}

/** 1 where a tile is scored in fp32. */
function confirmedOf({ marks }: TileParts): Uint8Array {
  return marks.map((bits) => ((bits & UNCONFIRMED) === 0 ? 1 : 0));
}

function usesInt8({ marks }: TileParts): boolean {
  return marks.some((one) => (one & (TILE_MARKS.vaeScreened | TILE_MARKS.netScreened)) !== 0);
}

/** A tile that the autoencoder never saw is taken to be as bright as the image's median. */
function finalScores(
  parts: TileParts,
  { statistics, terrain }: MeasuredImage,
  score: ScoreName,
): ImageScores {
  const median = Math.exp(terrain.logBright.median);
  parts.marks.forEach((marks, tile) => {
    if (marks & TILE_MARKS.vaeUnseen) parts.brightPeak[tile] = median;
  });
  return {
    named: (tiles) => scoreTiles(tiles === undefined ? parts : pickParts(parts, tiles), terrain),
    // Where all is masked there is no learned score either.
    raw: rawScores(parts, terrain, statistics === null ? undefined : score),
    statistics,
    terrain,
  };
}

import { TILE_SIZE } from '../../model/architecture.js';
import type { TileBatch } from '../../scoring/scorer.js';
import type { TileSet } from './tile-set.js';

const AREA = TILE_SIZE * TILE_SIZE;
const BATCH = 32;

export interface PlacedBatch extends TileBatch {
  /** `2 * count`: x and y. */
  readonly peaks: Uint8Array;
  /** Of its first tile in the set. */
  readonly from: number;
}

/** A set's tiles, 32 at a time, the same in every channel. */
export function* tileBatches(set: TileSet, channels: number): Generator<PlacedBatch> {
  for (let from = 0; from < set.count; from += BATCH) {
    const count = Math.min(BATCH, set.count - from);
    const pixels = new Uint8Array(count * channels * AREA);
    for (let i = 0; i < count; i++) {
      const tile = set.pixels.subarray((from + i) * AREA, (from + i + 1) * AREA);
      for (let c = 0; c < channels; c++) pixels.set(tile, (i * channels + c) * AREA);
    }
    yield {
      ...{ count, pixels, from },
      valid: set.valid.subarray(from * AREA, (from + count) * AREA),
      peaks: set.peaks.subarray(2 * from, 2 * (from + count)),
    };
  }
}

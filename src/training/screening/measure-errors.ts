import { createRandom } from '../../domain/random.js';
import { TILE_SIZE } from '../../model/architecture.js';
import type { ScorePair } from '../../scoring/error-envelope.js';
import { HardwareFinder } from '../../scoring/hardware-logits.js';
import { residualAt } from '../../scoring/residual-peak.js';
import type { ScreenPart } from '../../scoring/screen-bounds.js';
import type { Scorer } from '../../scoring/scorer.js';
import { type PlacedBatch, tileBatches } from './tile-batches.js';
import type { TileSet } from './tile-set.js';

const AREA = TILE_SIZE * TILE_SIZE;

/** Every part of every tile, screened and exact, in the set's order. */
export type ScreenedParts = ReadonlyMap<ScreenPart, readonly ScorePair[]>;

/** @param scorer one that can screen */
export async function measureErrors(scorer: Scorer, channels: number, set: TileSet): Promise<ScreenedParts> {
  const { screen } = scorer;
  if (!screen) throw new Error('The model has no graph to screen with.');
  const parts = new Map<ScreenPart, ScorePair[]>();
  const note = (part: ScreenPart, screened: number, exact: number): void => {
    // Of tracks nothing is told where no score is made of them.
    if (Number.isNaN(screened)) return;
    const pairs = parts.get(part) ?? [];
    pairs.push({ screened, exact });
    parts.set(part, pairs);
  };
  const random = createRandom(set.count);
  for (const batch of tileBatches(set, channels)) {
    const exact = await scorer.score(batch);
    const screened = await screen(batch, batch.peaks);
    const peaks = exactPeaks(batch, channels, exact.reconstruction);
    for (let i = 0; i < batch.count; i++) {
      note('l2', screened.l2[i]!, exact.l2[i]!);
      note('mu_norm', screened.muNorm[i]!, exact.muNorm[i]!);
      note('bright', screened.bright[i]!, exact.bright[i]!);
      note('bright_peak', screened.brightPeak[i]!, peaks[i]!);
    }
    if (!scorer.hardware || !scorer.screenHardware) continue;
    const angle = 2 * Math.PI * random.uniform();
    const away = { x: Math.cos(angle), y: Math.sin(angle) };
    const find = (ask: NonNullable<Scorer['screenHardware']>) =>
      new HardwareFinder(ask, TILE_SIZE, away).find(batch.count, batch.pixels, channels * AREA);
    const exactLogits = await find(scorer.hardware);
    const screenedLogits = await find(scorer.screenHardware);
    for (let i = 0; i < batch.count; i++)
      for (const part of ['lander', 'small', 'tracks'] as const)
        note(part, screenedLogits[part][i]!, exactLogits[part][i]!);
  }
  return parts;
}

function exactPeaks(
  { count, pixels, valid, peaks }: PlacedBatch,
  channels: number,
  reconstruction: Float32Array,
): number[] {
  const part = channels * AREA;
  return Array.from({ length: count }, (_, i) =>
    residualAt(
      pixels.subarray(i * part, (i + 1) * part),
      valid.subarray(i * AREA, (i + 1) * AREA),
      reconstruction.subarray(i * part, (i + 1) * part),
      TILE_SIZE,
      { x: peaks[2 * i]!, y: peaks[2 * i + 1]! },
    ),
  );
}

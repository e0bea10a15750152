import type { BenchResult } from '../harness/result.js';
import { median, spreadOf, type Ratio } from '../harness/statistics.js';
import type { Runner } from './our-engines.js';
import type { WatchedScan } from './watch-scan.js';

/** Of each runner the tiles a second, round by round. */
export type Rates = ReadonlyMap<string, readonly number[]>;

/** Has the runners score in turns, each for some seconds a round. */
export async function measureRates(
  runners: readonly Pick<Runner, 'name' | 'run'>[],
  rounds: number,
  seconds: number,
  note: (text: string) => void,
): Promise<Rates> {
  const rates = new Map(runners.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const runner of runners) {
      const rate = await runner.run(seconds);
      rates.get(runner.name)!.push(rate);
      note(`round ${round + 1} ${runner.name}: ${rate.toFixed(0)} tiles a second`);
    }
  }
  return rates;
}

/**
 * What was measured: each one's tiles a second, what a whole scan does, and ours against the fastest of theirs.
 *
 * @param ours,theirs names of runners
 */
export function resultOf(
  about: Pick<BenchResult, 'machine' | 'date' | 'command' | 'rounds'>,
  { rates, scan }: { readonly rates: Rates; readonly scan: WatchedScan },
  ours: readonly string[],
  theirs: readonly string[],
): BenchResult {
  const figures: Record<string, number> = { scan_tiles_per_s: scan.tilesPerS };
  for (const [name, values] of rates) figures[`${name}_tiles_per_s`] = median(values);
  if (scan.busyShare !== null) figures['gpu_busy_share'] = scan.busyShare;
  const rateOf = (name: string): number => median(rates.get(name)!);
  const best = theirs.reduce((a, b) => (rateOf(a) >= rateOf(b) ? a : b));
  const ratios: Record<string, Ratio> = {};
  for (const engine of ours)
    ratios[`${engine}_vs_torch_best`] = spreadOf(
      rates.get(engine)!.map((rate, round) => rate / rates.get(best)![round]!),
    );
  return {
    ...{ bench: 'gpu', size: 'full', busy_rounds: 0, ...about, figures, ratios },
    notes: {
      torch_best: best,
      rates: 'of the autoencoder alone, in fp32 by ours; `scan_tiles_per_s` is of a whole scan',
      ...(scan.busyShare === null && { gpu_busy_share: 'not measured: there is no nvidia-smi' }),
    },
  };
}

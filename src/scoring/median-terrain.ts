import type { PooledStatistics } from './normalise.js';
import { quantile, sortedNumbers, type RobustSpread } from './robust.js';

/** The median image's terrain: what small images are measured against. */
export function medianTerrain(terrains: readonly PooledStatistics[]): PooledStatistics {
  const median = (values: readonly number[]): number => quantile(sortedNumbers(values), 0.5);
  const spread = (spreads: readonly RobustSpread[]): RobustSpread => ({
    median: median(spreads.map((one) => one.median)),
    mad: median(spreads.map((one) => one.mad)),
  });
  const learned = (name: 'lander' | 'small' | 'tracks'): Partial<PooledStatistics> => {
    const spreads = terrains.flatMap((terrain) => terrain[name] ?? []);
    return spreads.length === 0 ? {} : { [name]: spread(spreads) };
  };
  return {
    mad: median(terrains.map(({ mad }) => mad)),
    logA: spread(terrains.map(({ logA }) => logA)),
    logBright: spread(terrains.map(({ logBright }) => logBright)),
    ...learned('lander'),
    ...learned('small'),
    ...learned('tracks'),
  };
}

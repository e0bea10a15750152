/**
 * Expected number of true anomalies in a tile, from its calibrated score.
 *
 * A score s = -log10 p is a p-value. For p < 1/e the odds that the tile is no plain one rise against the prior
 * ones by at most 1 / (-e p ln p), whatever anomalies look like (Sellke, Bayarri & Berger 2001, The American
 * Statistician 55, 62-71); for larger p not at all. So worth saturates at 1: a score of 100 is one find, not many.
 *
 * @param prior share of tiles that hold something, above 0 and below 1
 * @returns prior .. 1, rising with the score; the prior for a score below log10(e) = 0.43, 0 for a masked tile
 */
export function worthOfScore(score: number, prior: number): number {
  const nats = score * Math.LN10;
  if (Number.isNaN(nats)) return 0;
  if (nats <= 1) return prior;
  const logOdds = Math.log(prior / (1 - prior)) + nats - 1 - Math.log(nats);
  return 1 / (1 + Math.exp(-logOdds));
}

/** Mean Euclidean distance to the k nearest of `rows`. */
export function nearestDistance(rows: readonly Float32Array[], point: Float32Array, k: number): number {
  const best = new Float64Array(k).fill(Infinity);
  for (const row of rows) {
    let sum = 0;
    for (let i = 0; i < point.length && sum < best[k - 1]!; i++) sum += (row[i]! - point[i]!) ** 2;
    if (sum >= best[k - 1]!) continue;
    let at = k - 1;
    for (; at > 0 && best[at - 1]! > sum; at--) best[at] = best[at - 1]!;
    best[at] = sum;
  }
  return best.reduce((total, squared) => total + Math.sqrt(squared) / k, 0);
}

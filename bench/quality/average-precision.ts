/** Mean precision at each positive; ties are broken against the positives. */
export function averagePrecision(positives: readonly number[], negativesSorted: Float64Array): number {
  const ranked = [...positives].sort((a, b) => b - a);
  let sum = 0;
  ranked.forEach((score, i) => {
    sum += (i + 1) / (i + 1 + atLeast(negativesSorted, score));
  });
  return sum / ranked.length;
}

/** How many of ascending values are not below `score`. */
export function atLeast(sorted: Float64Array, score: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}

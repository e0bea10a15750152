/**
 * Half of a Gaussian kernel cut at `radius` and scaled so that the whole sums to 1: `[centre, 1 px, …]`.
 */
export function gaussianKernel(sigma: number, radius: number): Float64Array {
  const half = new Float64Array(radius + 1);
  for (let k = 0; k <= radius; k++) half[k] = Math.exp((-0.5 * k * k) / (sigma * sigma));
  let sum = half[0]!;
  for (let k = 1; k <= radius; k++) sum += 2 * half[k]!;
  return half.map((weight) => weight / sum);
}

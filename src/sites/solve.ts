/**
 * Factor L of a symmetric positive definite matrix, L L^T, row-major in the lower half of a copy.
 *
 * @throws Error where the matrix is not positive definite
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const l = Float64Array.from(matrix);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i !== j) {
        l[i * n + j] = sum / l[j * n + j]!;
        continue;
      }
      if (!(sum > 0)) throw new Error('The matrix of the adjustment is not positive definite.');
      l[i * n + i] = Math.sqrt(sum);
    }
  }
  return l;
}

/** Solves L y = b. */
export function forward(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const y = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = y[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * y[k]!;
    y[i] = sum / l[i * n + i]!;
  }
  return y;
}

/** Solves L L^T x = b. */
export function solve(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = forward(l, n, b);
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * x[k]!;
    x[i] = sum / l[i * n + i]!;
  }
  return x;
}

/** Added to the diagonal, as a share of the mean variance. */
const RIDGE = 0.01;

/**
 * A Gaussian of features for each position of a tile, as in PaDiM (Defard et al. 2021): a tile's score is its
 * largest Mahalanobis distance.
 */
export class PositionGaussians {
  readonly #dims: number;
  readonly #means: Float64Array[];
  /** Lower triangular factors of the covariances, row by row. */
  readonly #factors: Float64Array[];

  /** @param tiles features, position by position, `dims` values each */
  constructor(tiles: readonly Float32Array[], dims: number) {
    this.#dims = dims;
    const positions = tiles[0]!.length / dims;
    this.#means = [];
    this.#factors = [];
    for (let position = 0; position < positions; position++) {
      const mean = new Float64Array(dims);
      for (const tile of tiles)
        for (let i = 0; i < dims; i++) mean[i]! += tile[position * dims + i]! / tiles.length;
      const covariance = new Float64Array(dims * dims);
      const off = new Float64Array(dims);
      for (const tile of tiles) {
        for (let i = 0; i < dims; i++) off[i] = tile[position * dims + i]! - mean[i]!;
        for (let i = 0; i < dims; i++)
          for (let j = 0; j <= i; j++) covariance[i * dims + j]! += (off[i]! * off[j]!) / (tiles.length - 1);
      }
      this.#means.push(mean);
      this.#factors.push(cholesky(covariance, dims));
    }
  }

  score(tile: Float32Array): number {
    const dims = this.#dims;
    const y = new Float64Array(dims);
    let most = 0;
    this.#means.forEach((mean, position) => {
      const factor = this.#factors[position]!;
      let distance = 0;
      for (let i = 0; i < dims; i++) {
        let value = tile[position * dims + i]! - mean[i]!;
        for (let j = 0; j < i; j++) value -= factor[i * dims + j]! * y[j]!;
        y[i] = value / factor[i * dims + i]!;
        distance += y[i]! ** 2;
      }
      most = Math.max(most, distance);
    });
    return Math.sqrt(most);
  }
}

function cholesky(covariance: Float64Array, dims: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < dims; i++) trace += covariance[i * dims + i]!;
  const ridge = Math.max((RIDGE * trace) / dims, 1e-9);
  const factor = new Float64Array(dims * dims);
  for (let i = 0; i < dims; i++)
    for (let j = 0; j <= i; j++) {
      let sum = covariance[i * dims + j]! + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) sum -= factor[i * dims + k]! * factor[j * dims + k]!;
      factor[i * dims + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / factor[j * dims + j]!;
    }
  return factor;
}

import { PCA } from 'ml-pca';

const COMPONENTS = 64;

/**
 * Reconstruction error of a tile from the first 64 principal components of training tiles. Of n tiles with many
 * more pixels than n, the components follow from the n x n matrix of their products.
 */
export class PrincipalComponents {
  readonly #mean: Float64Array;
  /** Orthonormal, one after the other. */
  readonly #axes: Float32Array;
  readonly #length: number;

  /** @param rows training tiles */
  constructor(rows: readonly Float32Array[]) {
    const length = rows[0]!.length;
    const mean = new Float64Array(length);
    for (const row of rows) for (let i = 0; i < length; i++) mean[i]! += row[i]! / rows.length;
    const centred = rows.map((row) => row.map((value, i) => value - mean[i]!));
    const products = centred.map(() => new Array<number>(rows.length).fill(0));
    centred.forEach((a, i) => {
      for (let j = 0; j <= i; j++) {
        const b = centred[j]!;
        let sum = 0;
        for (let p = 0; p < length; p++) sum += a[p]! * b[p]!;
        products[i]![j] = products[j]![i] = sum;
      }
    });
    const vectors = new PCA(products, { isCovarianceMatrix: true }).getEigenvectors();
    const axes = new Float32Array(COMPONENTS * length);
    for (let c = 0; c < COMPONENTS; c++) {
      const axis = axes.subarray(c * length, (c + 1) * length);
      centred.forEach((row, i) => {
        const weight = vectors.get(i, c);
        for (let p = 0; p < length; p++) axis[p]! += weight * row[p]!;
      });
      const norm = Math.sqrt(axis.reduce((sum, value) => sum + value * value, 0));
      for (let p = 0; p < length; p++) axis[p]! /= Math.max(norm, 1e-12);
    }
    this.#mean = mean;
    this.#axes = axes;
    this.#length = length;
  }

  /** Euclidean norm of what the components leave of a tile. */
  error(tile: Float32Array): number {
    const length = this.#length;
    const centred = new Float32Array(length);
    let left = 0;
    for (let p = 0; p < length; p++) {
      const value = tile[p]! - this.#mean[p]!;
      centred[p] = value;
      left += value * value;
    }
    for (let c = 0; c < COMPONENTS; c++) {
      let sum = 0;
      const from = c * length;
      for (let p = 0; p < length; p++) sum += this.#axes[from + p]! * centred[p]!;
      left -= sum * sum;
    }
    return Math.sqrt(Math.max(left, 0));
  }
}

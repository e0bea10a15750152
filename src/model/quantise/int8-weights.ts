/** Whole numbers and what one of them is worth, row by row. */
export interface Int8Rows {
  readonly values: Int8Array;
  /** [rows] */
  readonly scales: Float32Array;
  /** Added to every value, the same in all rows. */
  readonly zeroPoint: number;
}

/** Smaller numbers have scales that single precision does not hold. */
const LEAST = 1e-30;

/**
 * Symmetric whole numbers: each row is scaled by its own largest weight, and a zero stays a zero.
 *
 * @param weight [rows, length / rows]
 * @param zeroPoint 0, or 1 where the numbers are to be kept one higher
 */
export function quantiseRows(weight: Float32Array, rows: number, zeroPoint: 0 | 1 = 0): Int8Rows {
  const most = 127 - zeroPoint;
  const length = weight.length / rows;
  const values = new Int8Array(weight.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const part = weight.subarray(row * length, (row + 1) * length);
    const largest = part.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    // A row of zeros, or of what is as good as zero, has any scale.
    const scale = Math.fround(largest > LEAST ? largest / most : 1);
    scales[row] = scale;
    for (let i = 0; i < length; i++)
      values[row * length + i] = clamp(Math.round(part[i]! / scale), most) + zeroPoint;
  }
  return { values, scales, zeroPoint };
}

/** A matrix [rows, columns] as [columns, rows]. */
export function transposed(values: Int8Array, rows: number): Int8Array {
  const columns = values.length / rows;
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, -most), most);
}

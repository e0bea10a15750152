/** Rows of features, one after the other, and for each whether it is positive. */
export interface Examples {
  readonly count: number;
  readonly width: number;
  /** `count * width`. */
  readonly features: Float64Array;
  /** `count`: 1 = positive. */
  readonly positive: Uint8Array;
}

/** Log-odds = `intercept` + the sum of weights times features. */
export interface LinearModel {
  readonly intercept: number;
  /** `width`, of the features as they are. */
  readonly weights: Float64Array;
}

const MOST_STEPS = 25;
const CONVERGED = 1e-9;

/**
 * L2-regularised logistic regression by Newton's method: the least of the summed log-loss plus `ridge / 2` times the
 * squared weights of the standardised features; the intercept is free. The same examples give the same model.
 *
 * @param rows indices of the examples to learn from; some of them positive and some not
 * @param ridge above 0
 */
export function fitLogistic(examples: Examples, rows: readonly number[], ridge: number): LinearModel {
  const { width, positive } = examples;
  const { mean, scale } = standardisation(examples, rows);
  const size = width + 1;
  const inputs = rows.map((row) => {
    const input = new Float64Array(size);
    input[0] = 1;
    for (let k = 0; k < width; k++)
      input[k + 1] = (examples.features[row * width + k]! - mean[k]!) / scale[k]!;
    return input;
  });
  const targets = rows.map((row) => positive[row]!);
  let weights: Float64Array = new Float64Array(size);
  let loss = penalisedLoss(inputs, targets, weights, ridge);
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = newtonStep(inputs, targets, weights, ridge);
    let share = 1;
    let moved = weights;
    let reached = Infinity;
    // A full step can overshoot where classes are nearly apart.
    for (; share > 1e-4 && !(reached <= loss); share /= 2) {
      moved = weights.map((weight, k) => weight - share * direction[k]!);
      reached = penalisedLoss(inputs, targets, moved, ridge);
    }
    if (!(reached <= loss)) break;
    const gained = loss - reached;
    [weights, loss] = [moved, reached];
    if (gained <= CONVERGED * (1 + loss)) break;
  }
  const raw = Float64Array.from({ length: width }, (_, k) => weights[k + 1]! / scale[k]!);
  const intercept = raw.reduce((sum, weight, k) => sum - weight * mean[k]!, weights[0]!);
  return { intercept, weights: raw };
}

/** Log-odds of one row of features that begins at `offset`. */
export function logOdds(model: LinearModel, features: ArrayLike<number>, offset = 0): number {
  let sum = model.intercept;
  for (let k = 0; k < model.weights.length; k++) sum += model.weights[k]! * features[offset + k]!;
  return sum;
}

/** log(1 + e^z) without overflow. */
export function softplus(z: number): number {
  return z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z));
}

function standardisation({ features, width }: Examples, rows: readonly number[]) {
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (const row of rows)
    for (let k = 0; k < width; k++) mean[k]! += features[row * width + k]! / rows.length;
  for (const row of rows)
    for (let k = 0; k < width; k++) scale[k]! += (features[row * width + k]! - mean[k]!) ** 2 / rows.length;
  // What never changes teaches nothing; any scale will do.
  return { mean, scale: scale.map((variance) => (variance > 1e-18 ? Math.sqrt(variance) : 1)) };
}

function penalisedLoss(
  inputs: readonly Float64Array[],
  targets: readonly number[],
  weights: Float64Array,
  ridge: number,
): number {
  let loss = 0;
  for (let k = 1; k < weights.length; k++) loss += (ridge / 2) * weights[k]! ** 2;
  inputs.forEach((input, i) => {
    const z = dot(input, weights);
    loss += softplus(z) - targets[i]! * z;
  });
  return loss;
}

/** Inverse Hessian times gradient. */
function newtonStep(
  inputs: readonly Float64Array[],
  targets: readonly number[],
  weights: Float64Array,
  ridge: number,
): Float64Array {
  const size = weights.length;
  const hessian = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  for (let k = 1; k < size; k++) {
    hessian[k * size + k] = ridge;
    gradient[k] = ridge * weights[k]!;
  }
  // Keeps the intercept's own row solvable where all examples are sure.
  hessian[0] = 1e-9;
  inputs.forEach((input, i) => {
    const chance = 1 / (1 + Math.exp(-dot(input, weights)));
    const weight = chance * (1 - chance);
    for (let a = 0; a < size; a++) {
      gradient[a]! += (chance - targets[i]!) * input[a]!;
      const scaled = weight * input[a]!;
      for (let b = 0; b <= a; b++) hessian[a * size + b]! += scaled * input[b]!;
    }
  });
  return solveCholesky(hessian, gradient);
}

/** Solves A x = b for a symmetric positive definite A, of which the lower half is read and overwritten. */
function solveCholesky(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / a[j * n + j]!;
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

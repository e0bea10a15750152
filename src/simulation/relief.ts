import type { Lattice } from './lattice.js';
import { hash } from './random.js';

/** One octave of relief: cubic B-spline through random values every `spacing` points. */
export interface Octave {
  /** Whole number of points between two random values. */
  readonly spacing: number;
  readonly amplitude: number;
}

/**
 * Adds smooth random relief. B-splines have a continuous slope and curvature, so that shading shows no
 * grid; the spacings of a scene's octaves share no factor for the same reason.
 */
export function addRelief(target: Lattice, octaves: readonly Octave[], seed: number): void {
  octaves.forEach((octave, index) => addOctave(target, octave, hash(seed, index)));
}

function addOctave(target: Lattice, { spacing, amplitude }: Octave, seed: number): void {
  const { data, width, height } = target;
  const firstNode = Math.floor(target.x / spacing);
  const nodes = Math.floor((target.x + width - 1) / spacing) - firstNode + 4;
  const rows = [0, 1, 2, 3].map(() => new Float64Array(nodes));
  const mixed = new Float64Array(nodes);
  let loaded = Number.NaN;
  for (let j = 0; j < height; j++) {
    const y = target.y + j;
    const nodeY = Math.floor(y / spacing);
    if (nodeY !== loaded) {
      rows.forEach((row, k) => fillNodes(row, firstNode - 1, nodeY - 1 + k, seed, amplitude));
      loaded = nodeY;
    }
    mixRows(mixed, rows, y / spacing - nodeY);
    addSpline(data, j * width, (j + 1) * width, mixed, target.x - firstNode * spacing, spacing);
  }
}

/** Weighs four rows of nodes by the uniform cubic B-spline at phase t. */
function mixRows(mixed: Float64Array, rows: readonly Float64Array[], t: number): void {
  const [a, b, c, d] = rows as [Float64Array, Float64Array, Float64Array, Float64Array];
  const wa = (1 - t) ** 3 / 6;
  const wb = (3 * t ** 3 - 6 * t ** 2 + 4) / 6;
  const wc = (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6;
  const wd = t ** 3 / 6;
  for (let n = 0; n < mixed.length; n++) mixed[n] = wa * a[n]! + wb * b[n]! + wc * c[n]! + wd * d[n]!;
}

/** Adds the spline through `nodes` to data[from, to), its first point at `phase` of the first span. */
function addSpline(
  data: Float32Array,
  from: number,
  to: number,
  nodes: Float64Array,
  phase: number,
  spacing: number,
): void {
  const step = 1 / spacing;
  let first = phase;
  for (let node = 0, k = from; k < to; node++) {
    const a = nodes[node]!;
    const b = nodes[node + 1]!;
    const c = nodes[node + 2]!;
    const d = nodes[node + 3]!;
    // The span between two nodes as a cubic in t.
    const c0 = (a + 4 * b + c) / 6;
    const c1 = (c - a) / 2;
    const c2 = (a - 2 * b + c) / 2;
    const c3 = (d - a + 3 * (b - c)) / 6;
    const end = Math.min(to, k + spacing - first);
    for (let i = first; k < end; k++, i++) {
      const t = i * step;
      data[k] = data[k]! + (c0 + t * (c1 + t * (c2 + t * c3)));
    }
    first = 0;
  }
}

function fillNodes(row: Float64Array, firstX: number, y: number, seed: number, amplitude: number): void {
  for (let n = 0; n < row.length; n++) row[n] = amplitude * (hash(seed, firstX + n, y) / 2147483648 - 1);
}

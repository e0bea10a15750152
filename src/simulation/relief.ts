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
  const weights = splineWeights(spacing);
  const rows = [0, 1, 2, 3].map(() => new Float32Array(nodes));
  const mixed = new Float32Array(nodes);
  let loaded = Number.NaN;
  for (let j = 0; j < height; j++) {
    const y = target.y + j;
    const nodeY = Math.floor(y / spacing);
    if (nodeY !== loaded) {
      rows.forEach((row, k) => fillNodes(row, firstNode - 1, nodeY - 1 + k, seed, amplitude));
      loaded = nodeY;
    }
    const phaseY = (y - nodeY * spacing) * 4;
    mixed.fill(0);
    rows.forEach((row, k) => {
      const w = weights[phaseY + k]!;
      for (let n = 0; n < nodes; n++) mixed[n] = mixed[n]! + w * row[n]!;
    });
    let node = 0;
    let phase = target.x - firstNode * spacing;
    const offset = j * width;
    for (let i = 0; i < width; i++) {
      const p = phase * 4;
      data[offset + i] =
        data[offset + i]! +
        weights[p]! * mixed[node]! +
        weights[p + 1]! * mixed[node + 1]! +
        weights[p + 2]! * mixed[node + 2]! +
        weights[p + 3]! * mixed[node + 3]!;
      if (++phase === spacing) {
        phase = 0;
        node++;
      }
    }
  }
}

function fillNodes(row: Float32Array, firstX: number, y: number, seed: number, amplitude: number): void {
  for (let n = 0; n < row.length; n++) row[n] = amplitude * (hash(seed, firstX + n, y) / 2147483648 - 1);
}

/** Four weights of the uniform cubic B-spline for each of `spacing` phases. */
function splineWeights(spacing: number): Float32Array {
  const weights = new Float32Array(spacing * 4);
  for (let i = 0; i < spacing; i++) {
    const t = i / spacing;
    weights[i * 4] = (1 - t) ** 3 / 6;
    weights[i * 4 + 1] = (3 * t ** 3 - 6 * t ** 2 + 4) / 6;
    weights[i * 4 + 2] = (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6;
    weights[i * 4 + 3] = t ** 3 / 6;
  }
  return weights;
}

import { letOthersRun } from '../domain/let-others-run.js';
import { sampleKernels, type SampleKernels } from './sample-kernels.js';

/** Values that are worked on before others may run. */
const VALUES_A_TURN = 2 ** 18;

/** Adds `weight` times a band's values to `sum`, each sum rounded to single precision. */
export function addWeighted(sum: Float32Array, values: Float32Array, weight: number): Promise<void> {
  return byTurns(sum, values, (run, out, from, count) => run.addWeighted(from, out, count, weight));
}

/** Makes NaN of the values whose opacity is 0. */
export function eraseUnseen(values: Float32Array, opacity: Float32Array): Promise<void> {
  return byTurns(values, opacity, (run, out, from, count) => run.eraseUnseen(from, out, count));
}

async function byTurns(
  out: Float32Array,
  other: Float32Array,
  work: (run: SampleKernels['run'], out: number, other: number, count: number) => void,
): Promise<void> {
  for (let from = 0; from < out.length; from += VALUES_A_TURN) {
    if (from > 0) await letOthersRun();
    const part = out.subarray(from, from + VALUES_A_TURN);
    const kernels = sampleKernels();
    const [outAt = 0, otherAt = 0] = kernels.room(4 * part.length, 4 * part.length);
    kernels.floats(outAt, part.length).set(part);
    kernels.floats(otherAt, part.length).set(other.subarray(from, from + part.length));
    work(kernels.run, outAt, otherAt, part.length);
    part.set(kernels.floats(outAt, part.length));
  }
}

import { letOthersRun } from '../domain/let-others-run.js';
import { sampleKernels } from './sample-kernels.js';

/** Bytes that are worked on before others may run. */
const BYTES_A_TURN = 2 ** 20;

/** Replaces each byte by what a table of 256 has in its place. */
export async function mapBytes(pixels: Uint8Array, table: Uint8Array): Promise<void> {
  for (let from = 0; from < pixels.length; from += BYTES_A_TURN) {
    if (from > 0) await letOthersRun();
    const part = pixels.subarray(from, from + BYTES_A_TURN);
    const kernels = sampleKernels();
    const [at = 0] = kernels.room(part.length);
    kernels.bytes.set(part, at);
    kernels.run.levelsOfBytes(at, at, part.length, kernels.table(table));
    part.set(kernels.bytes.subarray(at, at + part.length));
  }
}

/** The bytes of several channels, those of a pixel side by side. */
export async function interleave(channels: readonly Uint8Array[]): Promise<Uint8Array> {
  const step = channels.length;
  const out = new Uint8Array((channels[0]?.length ?? 0) * step);
  for (let from = 0; from * step < out.length; from += BYTES_A_TURN) {
    if (from > 0) await letOthersRun();
    const kernels = sampleKernels();
    const count = Math.min(BYTES_A_TURN, out.length / step - from);
    const [at = 0, to = 0] = kernels.room(count, count * step);
    channels.forEach((channel, c) => {
      kernels.bytes.set(channel.subarray(from, from + count), at);
      kernels.run.spreadBytes(at, to + c, count, step);
    });
    out.set(kernels.bytes.subarray(to, to + count * step), from * step);
  }
  return out;
}

import { OperationalError } from '../domain/errors.js';
import type { KernelMemory } from '../domain/load-kernels.js';

const PAGE = 65_536;
const MOST_BYTES = 2 ** 31;

/**
 * Gives back all that was taken of kernels' memory and makes it large enough for so many bytes of a strip.
 *
 * @throws OperationalError where there is no memory for it
 */
export function reserveForStrip(kernels: KernelMemory, bytes: number): void {
  const { memory } = kernels;
  const end = kernels.release() + bytes;
  const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
  if (missing <= 0) return;
  try {
    if (end > MOST_BYTES) throw new RangeError('addresses are 31 bits');
    memory.grow(missing);
  } catch (cause) {
    throw new OperationalError(
      'no_memory',
      `A strip needs ${Math.ceil(bytes / 1e6)} MB in one piece, more than there is; set scoring.strip_rows lower.`,
      { cause },
    );
  }
}

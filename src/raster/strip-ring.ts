import type { StripBuffers } from '../domain/raster.js';

/**
 * Buffers of strips in shared memory: a score worker reads them where they lie, and when it is done with a strip
 * another one is written in its place.
 */
export class StripRing implements StripBuffers {
  readonly #free: SharedArrayBuffer[] = [];
  readonly #taken = new WeakSet<ArrayBufferLike>();

  take(length: number): Uint8Array {
    const free = this.#free.pop();
    const buffer = free !== undefined && free.byteLength >= length ? free : new SharedArrayBuffer(length);
    this.#taken.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** Says that nobody reads a strip's pixels any more. Others than its own are left alone. */
  give({ buffer }: Uint8Array): void {
    if (this.#taken.delete(buffer)) this.#free.push(buffer as SharedArrayBuffer);
  }
}

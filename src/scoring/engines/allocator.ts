import type { EngineSpec } from './engine-spec.js';

/** Parameters of `mallopt`, of glibc's malloc.h. */
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;

/**
 * Blocks from this size on are mapped one by one, and go back to the system when they are freed: bands, strips, arrays
 * over all tiles of an image. Left alone glibc raises the size to that of the largest block that was ever freed, up to
 * 32 MB, and lays them among small ones that outlive them, so that what is freed stays with the process.
 */
const MAPPED_BYTES = 256 * 1024;
const ARENAS = 2;

interface Glibc {
  readonly mallopt: (parameter: number, value: number) => number;
  readonly mallocTrim: (pad: number) => number;
}

let loaded: Promise<Glibc | null> | undefined;

/**
 * Has glibc's allocator keep little of what is freed, for engines that hold their large buffers as long as they run.
 * Threads that compile networks share two areas, where nearly each would have one of its own. Call it before they start.
 * Where there is no glibc nothing is done.
 */
export async function keepLittle({ engine }: EngineSpec): Promise<void> {
  // TensorFlow asks for the output of each operation anew.
  if (engine !== 'openvino' && engine !== 'onnx') return;
  const glibc = await (loaded ??= load());
  glibc?.mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
  if (engine === 'openvino') glibc?.mallopt(M_ARENA_MAX, ARENAS);
}

/** Gives back to the system what loading and compiling have left free; takes some milliseconds. */
export async function returnFreed(): Promise<void> {
  const glibc = await (loaded ??= load());
  glibc?.mallocTrim(0);
}

async function load(): Promise<Glibc | null> {
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load('libc.so.6');
    return {
      mallopt: library.func('int mallopt(int parameter, int value)') as Glibc['mallopt'],
      mallocTrim: library.func('int malloc_trim(size_t pad)') as Glibc['mallocTrim'],
    };
  } catch {
    return null;
  }
}

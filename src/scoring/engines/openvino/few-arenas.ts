import koffi from 'koffi';

/** `M_ARENA_MAX` of glibc's malloc.h. */
const M_ARENA_MAX = -8;
const ARENAS = 2;

/**
 * Lets the threads of this process share two areas of glibc's allocator, which otherwise gives nearly each its own and
 * keeps in it what was freed. Call it before threads start that compile networks. Where there is no glibc nothing is done.
 */
export function fewArenas(): void {
  let mallopt: (parameter: number, value: number) => number;
  try {
    mallopt = koffi.load('libc.so.6').func('int mallopt(int parameter, int value)') as typeof mallopt;
  } catch {
    return;
  }
  mallopt(M_ARENA_MAX, ARENAS);
}

import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { describe, expect, it } from 'vitest';
import { keepLittle, returnFreed } from '../../src/scoring/engines/allocator.js';

const MB = 2 ** 20;
const PAGE = 4096;

type Address = bigint;
interface Libc {
  readonly malloc: (bytes: number) => Address;
  readonly free: (block: Address) => void;
  readonly memset: (block: Address, value: number, bytes: number) => Address;
  readonly mallinfo2: () => { readonly hblkhd: number };
}

const libc = process.platform === 'linux' ? glibc() : null;

describe.skipIf(libc === null)('the allocator of glibc', () => {
  it('maps large blocks by themselves, also after larger ones were freed', async () => {
    const { malloc, free, mallinfo2 } = libc!;
    await keepLittle({ engine: 'onnx', device: 'cpu' });
    free(malloc(16 * MB));
    const before = mallinfo2().hblkhd;
    const block = malloc(MB);
    expect(mallinfo2().hblkhd - before).toBeGreaterThanOrEqual(MB);
    free(block);
    expect(mallinfo2().hblkhd).toBeLessThan(before + MB);
  });

  it('gives back what was freed between blocks that are still used', async () => {
    const { malloc, free, memset } = libc!;
    const blocks = Array.from({ length: 1000 }, () => {
      const block = malloc(64 * 1024);
      memset(block, 1, 64 * 1024);
      return { block, pin: malloc(64) };
    });
    for (const { block } of blocks) free(block);
    const held = residentBytes();
    await returnFreed();
    expect(held - residentBytes()).toBeGreaterThan(40 * MB);
    for (const { pin } of blocks) free(pin);
  });
});

function residentBytes(): number {
  return PAGE * Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]);
}

function glibc(): Libc | null {
  try {
    const library = koffi.load('libc.so.6');
    // `struct mallinfo2`, in its order.
    const names = 'arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost'.split(' ');
    const info = koffi.struct(Object.fromEntries(names.map((name) => [name, 'size_t'])));
    const address = koffi.pointer('void');
    return {
      malloc: library.func('malloc', address, ['size_t']) as Libc['malloc'],
      free: library.func('free', 'void', [address]) as Libc['free'],
      memset: library.func('memset', address, [address, 'int', 'size_t']) as Libc['memset'],
      mallinfo2: library.func('mallinfo2', info, []) as Libc['mallinfo2'],
    };
  } catch {
    return null;
  }
}

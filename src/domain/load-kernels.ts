import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The memory of kernels, and who hands it out: addresses are bytes in it. */
export interface KernelMemory {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Gives back all that was taken. @returns where that begins */
  release(): number;
  take(bytes: number): number;
}

/** Of the language's own, as far as it is used here: the types that come with Node leave it out. */
const { Instance, Module } = (
  globalThis as unknown as {
    WebAssembly: {
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object, imports: object) => { readonly exports: unknown };
    };
  }
).WebAssembly;

let compiled: object | undefined;

/** The kernels of `src/kernels`, with a memory of their own. @typeParam E what is used of them */
export function startKernels<E extends KernelMemory>(): E {
  compiled ??= new Module(readFileSync(createRequire(import.meta.url).resolve('#kernels')));
  return start<E>(compiled);
}

/** Other kernels than those, of WebAssembly that was compiled alike. */
export function startModule<E extends KernelMemory>(bytes: Uint8Array): E {
  return start<E>(new Module(bytes));
}

function start<E>(module: object): E {
  const abort = (): never => {
    throw new Error('a kernel broke off');
  };
  return new Instance(module, { env: { abort } }).exports as E;
}

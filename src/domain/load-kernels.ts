import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Memory of an instance; growing it makes views of it useless. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
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

/** A new instance of `src/kernels`, compiled once a thread. @returns its exports: addresses are bytes in its memory */
export function loadKernels(): unknown {
  compiled ??= new Module(readFileSync(createRequire(import.meta.url).resolve('#kernels')));
  const abort = (): never => {
    throw new Error('a kernel broke off');
  };
  return new Instance(compiled, { env: { abort } }).exports;
}
